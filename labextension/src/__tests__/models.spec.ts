import type { JobJson } from '../core/jobs';
import { LogText } from '../core/job';
import { Pages } from '../core/pages';
import { apiError, fakeNbship } from './fake';

function job(id: string, state: JobJson['state'] = 'running'): JobJson {
  return {
    id,
    kind: 'step',
    title: `Job ${id}`,
    command: 'nbship run a.ipynb',
    path: 'a.ipynb',
    state,
    started: '2026-01-01T00:00:00Z',
    seconds: 1,
    progress: null,
    message: '',
    exit_code: null
  };
}

describe('JobsModel', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('reads the jobs while somebody looks, and says which one has ended', async () => {
    let jobs = [job('a'), job('b')];
    const { jobs: model } = fakeNbship({ answers: { 'GET /jobs': () => ({ jobs }) } });
    const ended: string[] = [];
    model.finished.connect((_, each) => ended.push(`${each.id} ${each.state}`));
    model.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    expect(model.running.map(each => each.id)).toEqual(['a', 'b']);
    jobs = [job('a', 'failed'), job('b')];
    await jest.advanceTimersByTimeAsync(1_000);
    expect(ended).toEqual(['a failed']);
    model.dispose();
  });

  it('looks every second while something runs, and seldom otherwise', async () => {
    let jobs = [job('a')];
    const { jobs: model, api } = fakeNbship({ answers: { 'GET /jobs': () => ({ jobs }) } });
    model.viewers.acquire();
    await jest.advanceTimersByTimeAsync(5_100);
    expect(api.callsOf('GET /jobs')).toHaveLength(6);
    jobs = [];
    await jest.advanceTimersByTimeAsync(1_000);
    const before = api.calls.length;
    await jest.advanceTimersByTimeAsync(20_000);
    expect(api.calls.length - before).toBe(2);
    model.dispose();
  });

  it('shows what is started at once, and cancels and removes it', async () => {
    const { jobs: model, api } = fakeNbship({
      answers: {
        'POST /jobs/{job}/cancel': job('a', 'cancelled'),
        'DELETE /jobs/{job}': {},
        'POST /jobs/step': job('new')
      }
    });
    // Whichever kinds of jobs the server knows, they start alike.
    const start = model.start.bind(model) as (path: string, body: unknown) => Promise<JobJson>;
    await start('/jobs/step', { notebook: 'a.ipynb' });
    expect(model.jobs.map(each => each.id)).toEqual(['new']);
    await model.cancel('new');
    expect(api.callsOf('POST /jobs/{job}/cancel')[0].path).toEqual({ job: 'new' });
    await model.remove('new');
    expect(model.jobs).toEqual([]);
    model.dispose();
  });

  it('keeps the jobs when the list cannot be read, and says why', async () => {
    let broken = false;
    const { jobs: model } = fakeNbship({
      answers: {
        'GET /jobs': () => {
          if (broken) {
            throw apiError({ code: 'server_unreachable' });
          }
          return { jobs: [job('a')] };
        }
      }
    });
    model.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    broken = true;
    await jest.advanceTimersByTimeAsync(1_000);
    expect(model.error?.code).toBe('server_unreachable');
    expect(model.jobs).toHaveLength(1);
    broken = false;
    model.refresh();
    await jest.advanceTimersByTimeAsync(1);
    expect(model.error).toBeNull();
    model.dispose();
  });

  it('asks no more and lets go of every signal when it is disposed', async () => {
    const { jobs: model, api } = fakeNbship();
    const changed = jest.fn();
    model.changed.connect(changed);
    model.viewers.acquire();
    model.dispose();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(api.calls).toHaveLength(0);
    expect(changed).not.toHaveBeenCalled();
    expect(model.isDisposed).toBe(true);
  });
});

describe('LiveModel', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  const session = (status: string, rest: object = {}) => ({
    sessions: [{ alive: true, runs: [{ status, arrived: true, ended_ms: null, ...rest }] }]
  });

  it.each([
    ['a run goes on', session('RUNNING'), 1],
    ['nothing runs', { sessions: [] }, 10],
    ['a run has ended and arrived', session('FINISHED'), 10],
    [
      'a kernel died in the middle',
      { sessions: [{ alive: false, runs: [{ status: 'RUNNING', arrived: true }] }] },
      10
    ]
  ])('looks at a pace that fits: %s', async (_, answer, seconds) => {
    const { live, api } = fakeNbship({ answers: { 'GET /live': answer } });
    live.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1_000 * seconds + 100);
    expect(api.callsOf('GET /live')).toHaveLength(2);
    live.dispose();
  });

  it('looks often until a run that has ended is in the store, but not for ever', async () => {
    const ended = session('FINISHED', { arrived: false, ended_ms: Date.now() });
    const { live } = fakeNbship({ answers: { 'GET /live': ended } });
    live.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    expect(live.busy).toBe(true);
    await jest.advanceTimersByTimeAsync(61_000);
    expect(live.busy).toBe(false);
    live.dispose();
  });

  it('keeps what it knew when the server does not answer, and says why', async () => {
    const { live, api } = fakeNbship({ answers: { 'GET /live': { sessions: [] } } });
    live.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    api.answers['GET /live'] = () => {
      throw apiError({ code: 'server_unreachable' });
    };
    live.refresh();
    await jest.advanceTimersByTimeAsync(1);
    expect([live.data, live.error?.code]).toEqual([{ sessions: [] }, 'server_unreachable']);
    live.dispose();
  });
});

describe('Pages', () => {
  const all = Array.from({ length: 250 }, (_, index) => index);

  function paged(total: number | null = 250): { pages: Pages<number>; loads: [number, number][] } {
    const loads: [number, number][] = [];
    const pages = new Pages<number>(async (offset, limit) => {
      loads.push([offset, limit]);
      return { items: all.slice(offset, offset + limit), total, more: offset + limit < 250 };
    });
    return { pages, loads };
  }

  const settle = () => new Promise(resolve => setTimeout(resolve));

  it('loads what comes into view, each page once', async () => {
    const { pages, loads } = paged();
    pages.want(0, 20);
    await settle();
    pages.want(90, 120);
    pages.want(95, 130);
    await settle();
    expect(loads).toEqual([
      [0, 100],
      [100, 100]
    ]);
    expect([pages.count, pages.item(120), pages.item(249)]).toEqual([250, 120, undefined]);
  });

  it('guesses how many there are where the store cannot say', async () => {
    const { pages } = paged(null);
    pages.want(0, 20);
    await settle();
    expect(pages.count).toBe(200);
    pages.want(210, 220);
    await settle();
    expect(pages.count).toBe(250);
  });

  it('keeps the old rows until what is in view is loaded again', async () => {
    const { pages, loads } = paged();
    pages.want(0, 20);
    await settle();
    pages.want(120, 140);
    await settle();
    pages.reload();
    expect(pages.item(125)).toBe(125);
    await settle();
    expect([pages.item(125), pages.item(5)]).toEqual([125, undefined]);
    expect(loads[2]).toEqual([100, 100]);
  });

  it('keeps the rows and the error when a load fails, and recovers', async () => {
    let broken = false;
    const pages = new Pages<number>(async () => {
      if (broken) {
        throw new Error('down');
      }
      return { items: [1], total: 1, more: false };
    });
    pages.want(0, 0);
    await settle();
    broken = true;
    pages.reload();
    await settle();
    expect([pages.item(0), pages.error]).toEqual([1, new Error('down')]);
    broken = false;
    pages.reload();
    await settle();
    expect(pages.error).toBeNull();
  });
});

describe('LogText', () => {
  it('keeps the end of a very long log', () => {
    const log = new LogText();
    log.append('first\n', 6);
    log.append('x'.repeat(499_990) + '\nlast\n', 500_002);
    expect(log.text.startsWith('…')).toBe(true);
    expect(log.text.endsWith('\nlast\n')).toBe(true);
    expect(log.end).toBe(500_002);
  });
});
