import { NotebookTracking } from '../notebook';
import { FakeKernel, fakePanel, until, type Answered } from './fake-kernel';

const MISSING = { ename: 'ModuleNotFoundError', evalue: "No module named 'nbship'" };

function made(answers: (expression: string) => Answered | Promise<Answered>) {
  const kernel = new FakeKernel(answers);
  const fake = fakePanel(kernel);
  const tracking = new NotebookTracking(fake.panel);
  return { kernel, tracking, ...fake };
}

describe('NotebookTracking', () => {
  it('asks silently and runs no code', async () => {
    const { kernel, tracking } = made(() => null);
    await until(() => tracking.state === 'off');
    expect(kernel.requests).toEqual([
      { code: '', silent: true, expression: expect.stringContaining('.status()') }
    ]);
    expect(tracking.loaded).toBe(false);
    tracking.dispose();
  });

  it('switches the session on and off', async () => {
    let on = false;
    const { tracking } = made(expression => {
      on = expression.includes('turn_on') || (on && !expression.includes('turn_off'));
      const ended = { run: 'r', name: 'n', status: 'FINISHED', reason: '', cells: 2, warnings: [] };
      return on
        ? { state: 'on', run: 'r', name: 'n' }
        : { state: 'off', ended: expression.includes('turn_off') ? ended : null };
    });
    await until(() => tracking.state === 'off');
    expect(await tracking.switch(true)).toBe(true);
    expect([tracking.state, tracking.answer?.name, tracking.pending]).toEqual(['on', 'n', null]);
    expect(await tracking.switch(false)).toBe(true);
    expect([tracking.state, tracking.ended?.cells]).toEqual(['off', 2]);
    tracking.dispose();
  });

  it('says what went wrong, and what was on stays on', async () => {
    const { tracking } = made(() => ({ state: 'off', message: 'setting profiles is wrong' }));
    expect(await tracking.switch(true)).toBe(false);
    expect([tracking.state, tracking.message]).toEqual(['off', 'setting profiles is wrong']);
    tracking.dispose();
  });

  it('knows a kernel in whose environment nbship is not installed', async () => {
    const { tracking } = made(expression => (expression.includes('lambda') ? null : MISSING));
    await until(() => tracking.state === 'off');
    expect(await tracking.switch(true)).toBe(false);
    expect(tracking.state).toBe('missing');
    tracking.dispose();
  });

  it('asks once more when the kernel dropped what waited behind a cell that failed', async () => {
    let dropped = 0;
    const { tracking } = made(() => (dropped++ === 0 ? 'aborted' : { state: 'on', name: 'n' }));
    expect(await tracking.switch(true)).toBe(true);
    expect(tracking.state).toBe('on');
    tracking.dispose();
  });

  it.each([
    ['dead', 'dead'],
    ['terminating', 'no-kernel'],
    ['restarting', 'starting'],
    ['starting', 'starting']
  ] as const)('tells that a kernel is %s', async (status, state) => {
    const { tracking, setStatus } = made(() => ({ state: 'on', name: 'n' }));
    await until(() => tracking.state === 'on');
    setStatus(status);
    expect(tracking.state).toBe(state);
    tracking.dispose();
  });

  it('does not take a kernel that is busy since before the page was loaded for one that starts', () => {
    const kernel = new FakeKernel(() => ({ state: 'on' }));
    kernel.status = 'unknown';
    const tracking = new NotebookTracking(fakePanel(kernel).panel);
    expect(tracking.state).toBe('unknown');
    tracking.dispose();
  });

  it('forgets what an earlier life of the kernel said, and asks again', async () => {
    let state: 'on' | 'not_loaded' = 'on';
    const { kernel, tracking, setStatus } = made(() => ({ state }));
    await until(() => tracking.state === 'on');
    state = 'not_loaded';
    setStatus('restarting');
    setStatus('idle');
    expect(tracking.state).toBe('unknown');
    await until(() => tracking.state === 'off');
    expect(kernel.requests).toHaveLength(2);
    tracking.dispose();
  });

  it('drops the answer of a kernel that is not the notebook’s any more', async () => {
    let answer: (answered: Answered) => void = () => undefined;
    const { tracking, setKernel } = made(() => new Promise(resolve => (answer = resolve)));
    const switched = tracking.switch(true);
    setKernel(null);
    answer({ state: 'on' });
    expect(await switched).toBe(false);
    expect(tracking.state).toBe('no-kernel');
    tracking.dispose();
  });

  it('asks no kernel of another language', async () => {
    const kernel = new FakeKernel(() => null);
    kernel.language = 'R';
    const tracking = new NotebookTracking(fakePanel(kernel).panel);
    await until(() => tracking.state === 'not-python');
    expect(await tracking.switch(true)).toBe(false);
    expect(kernel.requests).toHaveLength(0);
    tracking.dispose();
  });

  it('does one thing at a time', async () => {
    let answer: (answered: Answered) => void = () => undefined;
    const { tracking } = made(() => new Promise(resolve => (answer = resolve)));
    const first = tracking.switch(true);
    expect(tracking.pending).toBe('turn_on');
    expect(await tracking.switch(true)).toBe(false);
    answer({ state: 'on' });
    expect(await first).toBe(true);
    tracking.dispose();
  });
});
