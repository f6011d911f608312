import type { Answers, ICall } from '../../../__tests__/fake';
import type { RunJson } from '../run-list';

/** Return a run of which only what matters is given. */
export function run(id: string, given: Partial<RunJson> = {}): RunJson {
  return {
    id,
    name: `run ${id}`,
    status: 'FINISHED',
    experiment: 'e',
    started: '2026-01-01T00:00:00.000+00:00',
    duration_seconds: 1.5,
    params: {},
    metrics: {},
    datasets: [],
    tags: {},
    artifact_uri: '',
    ...given
  };
}

export interface IStore {
  runs: RunJson[];
  arriving: RunJson[];
  /** What the server does not tell where its store cannot. */
  total?: null;
  uri?: string;
}

/** Return what a server with these runs answers; a change of the store shows in the next answer. */
export function answersOf(store: IStore): Answers {
  return {
    'GET /runs': (call: ICall) => {
      const { offset, limit } = call.query as { offset: number; limit: number };
      return {
        runs: store.runs.slice(offset, offset + limit),
        more: store.runs.length > offset + limit,
        tracking_uri: store.uri ?? 'sqlite:///a.db',
        waiting: 0,
        total: store.total === null ? null : store.runs.length,
        badges: {}
      };
    },
    'GET /runs/arriving': () => ({ runs: store.arriving }),
    'GET /runs/keys': { metrics: ['auc', 'loss'], params: ['lr'] },
    'GET /live': { sessions: [], outage: null }
  };
}

export function runs(count: number): RunJson[] {
  return Array.from({ length: count }, (_, at) => run(String(at)));
}

/** Wait for all that is under way. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setTimeout(resolve, 0));
}
