import { act, fireEvent, screen, within } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import { trackSettings } from '../../../tracking/settings';
import { Trackings } from '../../../tracking/trackings';
import { FakeKernel, fakePanel, type Answered } from '../../../tracking/__tests__/fake-kernel';
import TrackSection from '../TrackSection';

const HOSTILE = '<img src=x onerror=alert(1)>';
const RUN = {
  run: 'a'.repeat(32),
  name: HOSTILE,
  experiment: 'e',
  kind: 'cell',
  started_ms: Date.now() - 5000,
  status: 'RUNNING',
  ended_ms: null,
  reason: '',
  store_run_id: null,
  parent: null,
  cells: 9,
  cell_list: [
    {
      index: 7,
      status: 'ok',
      cell_id: null,
      execution_count: 3,
      started_ms: 1,
      seconds: 0.5,
      first_line: 'a = 1',
      error: ''
    },
    {
      index: 8,
      status: 'error',
      cell_id: null,
      execution_count: 4,
      started_ms: 1,
      seconds: 1,
      first_line: 'b()',
      error: 'E: no'
    }
  ],
  param_count: 1,
  params: { lr: '0.1' },
  metric_count: 2,
  metrics: { loss: 0.25, nan: 'NaN' },
  histories: { loss: [0.5, 0.25].map((value, step) => ({ step, value, timestamp_ms: step })) },
  dataset_count: 1,
  datasets: [{ name: 'train', digest: 'd', rows: 1000 }],
  model: null,
  warning_count: 1,
  warnings: ['something was skipped'],
  arrived: false
};
const SPOOL = {
  sessions: 0,
  events: 0,
  size_bytes: 0,
  oldest_ms: null,
  recorder_pid: null,
  outages: [],
  set_aside: [],
  left_alone: [],
  drained: true
};

function live(runs: object[] = [], rest: object = {}): object {
  const session = {
    session: 's',
    source: 'prices.ipynb',
    holder: 'kernel',
    pid: 7,
    alive: true,
    project: '/p',
    started_ms: 1,
    cell: null,
    runs,
    foreign: false
  };
  return {
    sessions: [session],
    spool: SPOOL,
    tracking_uri: 'sqlite:///x',
    experiment: 'e',
    outage: null,
    ...rest
  };
}

function shown(answers: Answers, kernel?: FakeKernel | null) {
  const nbship = fakeNbship({
    path: kernel === undefined ? null : 'work/prices.ipynb',
    answers: {
      'GET /live': live(),
      'GET /runs': { runs: [], badges: {}, more: false, total: 0, tracking_uri: '', waiting: 0 },
      'GET /capture': { captured: [], settings: [], tracking_uri: '', experiment: '' },
      ...answers
    }
  });
  const fake = kernel === undefined ? null : fakePanel(kernel);
  Object.defineProperty(nbship.active, 'panel', { get: () => fake?.panel ?? null });
  const trackings = new Trackings(nbship.active);
  renderWith(nbship, <TrackSection trackings={trackings} />);
  return { nbship, trackings, ...fake };
}

function kernel(answer: Answered = null): FakeKernel {
  return new FakeKernel(() => answer);
}

describe('TrackSection', () => {
  it('teaches what to do without a notebook', async () => {
    const { nbship } = shown({});
    expect(await screen.findByText('No notebook is open')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Start the tour' })).toBeNull();
    expect(nbship.api.callsOf('GET /runs')).toHaveLength(0);
  });

  it('switches tracking of the session', async () => {
    let on = false;
    shown(
      {},
      new FakeKernel(expression => {
        on ||= expression.includes('turn_on');
        return on ? { state: 'on', name: 'prices-1' } : { state: 'off' };
      })
    );
    const button = await screen.findByRole('switch', { name: /Track every cell/ });
    await act(() => new Promise(resolve => setTimeout(resolve, 200)));
    expect(button).toHaveAttribute('aria-checked', 'false');
    await act(async () => fireEvent.click(button));
    expect(button).toHaveAttribute('aria-checked', 'true');
    expect(screen.getByText(/belongs to run prices-1/)).toBeInTheDocument();
  });

  it.each([
    [null, /has no kernel/],
    [kernel({ ename: 'ModuleNotFoundError', evalue: 'nbship' }), /is not installed/]
  ])('says why it cannot be switched', async (given, words) => {
    shown({}, given);
    expect(await screen.findByText(words)).toBeInTheDocument();
    expect(screen.getByRole('switch')).toBeDisabled();
  });

  it('shows the run of now, with hostile names as text', async () => {
    const { nbship } = shown({ 'GET /live': live([RUN]) }, kernel({ state: 'off', pid: 7 }));
    nbship.tabs.register('run', { title: () => 'run', render: () => <p>run</p> });
    const run = await screen.findByRole('article', { name: `Run ${HOSTILE}` });
    expect(document.querySelector('img')).toBeNull();
    expect(within(run).getByRole('row', { name: /loss/ })).toHaveTextContent('0.25');
    expect(within(run).getByRole('row', { name: /nan/ })).toHaveTextContent('NaN');
    expect(within(run).getByText('7 earlier cells')).toBeInTheDocument();
    expect(within(run).getByText('E: no')).toBeInTheDocument();
    expect(within(run).getByText('train (1,000 rows)')).toBeInTheDocument();
    expect(within(run).getByText(/something was skipped/)).toBeInTheDocument();
    act(() => within(run).getByRole('button', { name: HOSTILE }).click());
    expect(nbship.areas.main).toHaveLength(1);
  });

  it('shows no run of another notebook', async () => {
    const other = live([RUN]) as { sessions: { source: string }[] };
    other.sessions[0].source = 'other.ipynb';
    shown({ 'GET /live': other }, kernel());
    await screen.findByText(/None yet/);
    expect(screen.queryByRole('article')).toBeNull();
  });

  it('shows no run of the kernel of another notebook of that name', async () => {
    shown({ 'GET /live': live([RUN]) }, kernel({ state: 'off', pid: 8 }));
    await act(() => new Promise(resolve => setTimeout(resolve, 300)));
    expect(screen.queryByRole('article')).toBeNull();
  });

  it('says that the kernel of a run is gone', async () => {
    const gone = live([RUN]) as { sessions: { alive: boolean }[] };
    gone.sessions[0].alive = false;
    shown({ 'GET /live': gone }, kernel({ state: 'off', pid: 7 }));
    expect(await screen.findByText(/kernel is gone/)).toBeInTheDocument();
    expect(screen.getByText('interrupted')).toBeInTheDocument();
  });

  it('tells of a store that does not answer, and tries again', async () => {
    const outage = { tracking_uri: 'http://x', text: 'refused', since_ms: Date.now() };
    const spool = { ...SPOOL, events: 12, drained: false, outages: [outage] };
    const { nbship } = shown(
      { 'GET /live': live([], { outage, spool }), 'POST /sync': { ...spool } },
      kernel()
    );
    expect(await screen.findByRole('alert')).toHaveTextContent('refused');
    await act(async () => screen.getByRole('button', { name: 'Try again now' }).click());
    expect(nbship.api.callsOf('POST /sync')).toHaveLength(1);
  });

  it('does not alarm while the recorder starts, but when what waits stays', async () => {
    const spool = { ...SPOOL, events: 4, drained: false, recorder_pid: null };
    shown({ 'GET /live': live([], { spool }) }, kernel());
    expect(await screen.findByText('4 events wait')).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Try again now' })).toBeNull();
    expect(
      await screen.findByText('4 events wait for the store.', {}, { timeout: 8000 })
    ).toBeInTheDocument();
  }, 15_000);

  it('says what failed when the server does not answer', async () => {
    shown(
      {
        'GET /live': () => {
          throw apiError({ message: 'The server extension is not enabled.', hint: 'Enable it.' });
        }
      },
      kernel()
    );
    expect(await screen.findByRole('alert')).toHaveTextContent('not enabled.Enable it.');
  });

  it('lists the last runs, as many as the settings say', async () => {
    const run = { id: 'r', name: 'first', status: 'FAILED', started: new Date().toISOString() };
    const { nbship } = shown({ 'GET /runs': { runs: [run] } }, kernel());
    expect(await screen.findByRole('button', { name: 'first' })).toBeInTheDocument();
    expect(screen.getByRole('img', { name: 'failed' })).toBeInTheDocument();
    expect(nbship.api.callsOf('GET /runs')[0].query).toEqual({
      path: 'work/prices.ipynb',
      notebook: true,
      limit: 5
    });
    act(() => {
      trackSettings.value = { ...trackSettings.value, lastRuns: 0 };
      trackSettings.changed.emit();
    });
    expect(screen.queryByText('Last runs')).toBeNull();
  });
});
