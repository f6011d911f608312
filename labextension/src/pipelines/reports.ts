/** What the commands report of steps, sweeps and pipelines: the `to_dict()` of the library's reports. */

export type StepStateWord =
  'waiting' | 'running' | 'completed' | 'cached' | 'failed' | 'timed out' | 'killed' | 'not run';

export type Metrics = Record<string, number | string>;

export interface IStepFailure {
  kind: string;
  message: string;
  /** The position of the cell among all cells of the executed notebook. */
  cell: number | null;
  execution_count: number | null;
  source: string;
  traceback: string[];
}

/** A step has begun a cell: `done` of `total` code cells have ended. */
export interface IStepProgress {
  step: string;
  done: number;
  total: number;
  seconds: number;
  heading: string;
  state?: StepStateWord;
}

export interface ICellTiming {
  index: number;
  state: string;
  seconds: number;
}

export interface IStepResult {
  name: string;
  state: StepStateWord;
  seconds: number;
  failure: IStepFailure | null;
  cells: ICellTiming[];
  output_path: string | null;
  parameters: Record<string, string>;
  metrics: Metrics;
  run: string | null;
  warnings: string[];
}

export interface IStepReport {
  name: string;
  state: StepStateWord;
  reason: string;
  seconds: number;
  attempts: number;
  metrics: Metrics;
  run: string | null;
  output_path: string | null;
  failure: IStepFailure | null;
  progress: IStepProgress | null;
}

export interface IPipelineReport {
  name: string;
  path: string;
  steps: IStepReport[];
  edges: [string, string][];
  seconds: number;
  run: string | null;
  interrupted: boolean;
  warnings: string[];
  succeeded: boolean;
}

export interface ISweepPoint {
  index: number;
  params: Record<string, string | number | boolean | null>;
  state: StepStateWord;
  metrics: Metrics;
  seconds: number;
  run: string | null;
  output_path: string | null;
  failure: IStepFailure | null;
  progress: IStepProgress | null;
  resumed: boolean;
}

export interface ISweepReport {
  name: string;
  notebook: string;
  points: ISweepPoint[];
  metric: string | null;
  maximize: boolean;
  best: number | null;
  seconds: number;
  run: string | null;
  interrupted: boolean;
  warnings: string[];
}

/** Return what a command has printed as the report that it is, or null while it is none. */
export function asPipeline(value: unknown): IPipelineReport | null {
  return hasList(value, 'steps') ? (value as unknown as IPipelineReport) : null;
}

export function asSweep(value: unknown): ISweepReport | null {
  return hasList(value, 'points') ? (value as unknown as ISweepReport) : null;
}

export function asStepResult(value: unknown): IStepResult | null {
  return hasList(value, 'cells') ? (value as unknown as IStepResult) : null;
}

export function asStepProgress(value: unknown): IStepProgress | null {
  return typeof (value as IStepProgress | null)?.done === 'number'
    ? (value as IStepProgress)
    : null;
}

function hasList(value: unknown, name: string): value is Record<string, unknown> {
  return Array.isArray((value as Record<string, unknown> | null)?.[name]);
}

/** Whether nothing more will happen to a step. */
export function hasEnded(state: StepStateWord): boolean {
  return state !== 'waiting' && state !== 'running';
}

/** Whether what a step makes is there. */
export function hasSucceeded(state: StepStateWord): boolean {
  return state === 'completed' || state === 'cached';
}

/**
 * Return how the steps of a job stand that does not run any more: what it said last may say that some run.
 */
export function settled<S extends { state: StepStateWord }>(
  steps: readonly S[],
  running: boolean
): S[] {
  return steps.map(step =>
    running || hasEnded(step.state)
      ? step
      : { ...step, state: step.state === 'running' ? 'killed' : 'not run' }
  );
}

/** The first line of a report's failure, e.g. "ValueError: no rows", and where. */
export function cellNumber(failure: IStepFailure): number | null {
  return failure.cell === null ? null : failure.cell + 1;
}
