import { Watch } from '../core/watch';

function watched(look: () => Promise<void>, seconds = () => 1): { watch: Watch; looks: jest.Mock } {
  const looks = jest.fn(look);
  return { watch: new Watch({ name: 'test', look: looks, seconds }), looks };
}

function hide(hidden: boolean): void {
  Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
  document.dispatchEvent(new Event('visibilitychange'));
}

describe('Watch', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => {
    hide(false);
    jest.useRealTimers();
  });

  it('does not look while nobody does', async () => {
    const { watch, looks } = watched(async () => undefined);
    watch.refresh();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(looks).not.toHaveBeenCalled();
    watch.dispose();
  });

  it('looks at once when somebody begins to, again and again, and stops with the last one', async () => {
    const { watch, looks } = watched(async () => undefined);
    const one = watch.viewers.acquire();
    const two = watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(2_500);
    expect(looks).toHaveBeenCalledTimes(3);
    one.dispose();
    await jest.advanceTimersByTimeAsync(1_000);
    expect(looks).toHaveBeenCalledTimes(4);
    two.dispose();
    await jest.advanceTimersByTimeAsync(60_000);
    expect(looks).toHaveBeenCalledTimes(4);
    watch.dispose();
  });

  it('rests while the page is hidden, and looks at once when it is back', async () => {
    const { watch, looks } = watched(async () => undefined);
    watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(100);
    hide(true);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(looks).toHaveBeenCalledTimes(1);
    hide(false);
    await jest.advanceTimersByTimeAsync(1);
    expect(looks).toHaveBeenCalledTimes(2);
    watch.dispose();
  });

  it('never looks twice at once, and looks once more if it was asked meanwhile', async () => {
    let answer: () => void = () => undefined;
    const { watch, looks } = watched(() => new Promise(resolve => (answer = resolve)));
    watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    watch.refresh();
    watch.refresh();
    await jest.advanceTimersByTimeAsync(30_000);
    expect(looks).toHaveBeenCalledTimes(1);
    answer();
    await jest.advanceTimersByTimeAsync(1);
    expect(looks).toHaveBeenCalledTimes(2);
    watch.dispose();
  });

  it('goes on after somebody left and came back during a look', async () => {
    const answers: (() => void)[] = [];
    const { watch, looks } = watched(() => new Promise(resolve => answers.push(resolve)));
    const viewer = watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    viewer.dispose();
    watch.viewers.acquire();
    answers[0]();
    await jest.advanceTimersByTimeAsync(1);
    expect(looks).toHaveBeenCalledTimes(2);
    answers[1]();
    await jest.advanceTimersByTimeAsync(1_100);
    expect(looks).toHaveBeenCalledTimes(3);
    watch.dispose();
  });

  it('looks ever more slowly while it fails, and at the usual pace when it does not', async () => {
    let broken = true;
    const { watch, looks } = watched(async () => {
      if (broken) {
        throw new Error('down');
      }
    });
    watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(120_000);
    const failed = looks.mock.calls.length;
    expect(failed).toBeGreaterThan(3);
    expect(failed).toBeLessThan(60);
    broken = false;
    watch.refresh();
    await jest.advanceTimersByTimeAsync(10_100);
    expect(looks.mock.calls.length - failed).toBeGreaterThanOrEqual(10);
    watch.dispose();
  });

  it('adopts another pace with the next look', async () => {
    let seconds = 10;
    const { watch, looks } = watched(
      async () => undefined,
      () => seconds
    );
    watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(9_000);
    expect(looks).toHaveBeenCalledTimes(1);
    seconds = 1;
    watch.refresh();
    await jest.advanceTimersByTimeAsync(5_100);
    expect(looks.mock.calls.length).toBeGreaterThanOrEqual(6);
    watch.dispose();
  });

  it('stops for good when it is disposed', async () => {
    const { watch, looks } = watched(async () => undefined);
    watch.viewers.acquire();
    await jest.advanceTimersByTimeAsync(1);
    watch.dispose();
    watch.refresh();
    hide(true);
    hide(false);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(looks).toHaveBeenCalledTimes(1);
    expect(watch.isDisposed).toBe(true);
  });
});
