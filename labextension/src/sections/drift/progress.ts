/** Return what a drift job says it does, and which share of it is done. */
export function progressOf(progress: unknown): { name: string; done: number } {
  const told = (progress ?? {}) as { name?: unknown; done?: unknown };
  return {
    name: typeof told.name === 'string' ? told.name : '',
    done: typeof told.done === 'number' ? told.done : 0
  };
}
