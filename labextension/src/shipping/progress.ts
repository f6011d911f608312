/** Return what a job of shipping says it does, and which share of it is done: never all of it while it runs. */
export function progressOf(progress: unknown): { name: string; detail: string; done: number } {
  const told = (progress ?? {}) as { name?: unknown; detail?: unknown; done?: unknown };
  return {
    name: typeof told.name === 'string' ? told.name : '',
    detail: typeof told.detail === 'string' ? told.detail : '',
    done: typeof told.done === 'number' ? Math.min(told.done, MOST) : 0
  };
}

const MOST = 0.97;
