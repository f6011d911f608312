import { act, fireEvent, screen, within } from '@testing-library/react';
import * as React from 'react';

import { fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import type { JobJson } from '../../../core/jobs';
import type { IStepReport, ISweepPoint } from '../../../pipelines/reports';
import JobTab from '../JobTab';
import { axisOf } from '../SweepChart';

const FAILURE = {
  kind: 'exception',
  message: 'ValueError: no rows',
  cell: 3,
  execution_count: 4,
  source: 'raise ValueError("no rows")',
  traceback: ['Traceback', 'ValueError: no rows']
};

function job(more: Partial<JobJson>): JobJson {
  return {
    id: 'a1',
    kind: 'pipeline',
    title: 'nightly',
    command: 'nbship pipeline run pipeline.toml',
    path: 'nightly/pipeline.toml',
    state: 'running',
    started: '2026-11-21T10:00:00Z',
    seconds: 5,
    progress: null,
    message: '',
    exit_code: null,
    ...more
  };
}

function step(name: string, more: Partial<IStepReport> = {}): IStepReport {
  return {
    name,
    state: 'completed',
    reason: 'never ran before',
    seconds: 1,
    attempts: 1,
    metrics: {},
    run: null,
    output_path: null,
    failure: null,
    progress: null,
    ...more
  };
}

function pipeline(steps: IStepReport[]) {
  const edges = steps.slice(1).map((each, index) => [steps[index].name, each.name]);
  return {
    name: 'nightly',
    path: 'p',
    steps,
    edges,
    seconds: 3,
    run: 'r0',
    warnings: [],
    succeeded: false
  };
}

function graph(names: string[]) {
  const boxes = names.map((_, index) => [index * 236, 4, 188, 62]);
  const edges = names.slice(1).map((_, index) => ({
    start: index,
    end: index + 1,
    points: [
      [index * 236 + 188, 35],
      [(index + 1) * 236, 35]
    ]
  }));
  return { steps: names, layout: { width: 800, height: 80, boxes, edges } };
}

async function show(found: JobJson, answers: Answers = {}, result: unknown = null) {
  const nbship = fakeNbship({
    answers: { 'GET /jobs/{job}': { job: found, log: 'said\n', log_end: 5, result }, ...answers }
  });
  nbship.tabs.register('job', { title: () => 'x', render: () => <p /> });
  nbship.tabs.register('run', { title: () => 'x', render: () => <p /> });
  renderWith(nbship, <JobTab job="a1" />);
  await screen.findByRole('heading', { name: found.title });
  return nbship;
}

const failed = pipeline([
  step('load'),
  step('join', { state: 'failed', failure: FAILURE, output_path: '/p/.nbship/join.ipynb' }),
  step('train', { state: 'not run', reason: 'step join failed' })
]);

describe('a pipeline that failed', () => {
  const found = job({ state: 'failed', progress: failed as unknown as JobJson['progress'] });
  const answers = {
    'GET /jobs/{job}/graph': graph(['load', 'join', 'train']),
    'GET /jobs/{job}/request': {
      request: { file: 'nightly/pipeline.toml', parameters: { load: { rows: 5 } }, start: 'load' }
    },
    'POST /jobs/pipeline': job({ id: 'a2' })
  };

  it('shows the step that failed, its cell and its error', async () => {
    await show(found, answers, failed);
    const detail = screen.getByRole('region', { name: 'Step join' });
    expect(within(detail).getByText('ValueError: no rows')).toBeInTheDocument();
    expect(within(detail).getByText('Cell [4]')).toBeInTheDocument();
    expect(within(detail).getByText('raise ValueError("no rows")')).toBeInTheDocument();
    const name = 'Show in the executed notebook';
    expect(within(detail).getByRole('button', { name })).toBeInTheDocument();
  });

  it('is resumed with the parameters that it had, and nothing else of the last time', async () => {
    const nbship = await show(found, answers, failed);
    await act(async () => screen.getByRole('button', { name: 'Retry from failure' }).click());
    expect(nbship.api.callsOf('POST /jobs/pipeline')[0].body).toEqual({
      file: 'nightly/pipeline.toml',
      parameters: { load: { rows: 5 } },
      resume: true
    });
    expect(nbship.areas.main).toHaveLength(1);
  });

  it('can be run from a step that is chosen with the keyboard', async () => {
    const nbship = await show(found, answers, failed);
    const box = await screen.findByRole('button', { name: /^join, failed/ });
    expect(box).toHaveAttribute('tabindex', '0');
    fireEvent.keyDown(box, { key: 'ArrowRight' });
    expect(screen.getByRole('region', { name: 'Step train' })).toBeInTheDocument();
    expect(screen.getByRole('button', { name: /^train, not run/ })).toHaveFocus();
    fireEvent.keyDown(screen.getByRole('button', { name: /^train/, pressed: true }), {
      key: 'Home'
    });
    await act(async () => screen.getByRole('button', { name: 'Run from here' }).click());
    expect(nbship.api.callsOf('POST /jobs/pipeline')[0].body).toMatchObject({
      start: 'load',
      force: true
    });
  });

  it('says the same in a table', async () => {
    await show(found, answers, failed);
    const rows = screen.getAllByRole('row').map(row => row.textContent);
    expect(rows.some(row => row?.includes('train') && row.includes('step join failed'))).toBe(true);
  });
});

describe('a pipeline whose process is gone', () => {
  it('shows no step as running', async () => {
    const report = pipeline([
      step('load', { state: 'running' }),
      step('join', { state: 'waiting' })
    ]);
    const lost = job({ state: 'lost', message: 'killed', progress: report as unknown as null });
    await show(lost, { 'GET /jobs/{job}/graph': graph(['load', 'join']) });
    expect(screen.getByText('killed', { selector: 'p' })).toBeInTheDocument();
    expect(screen.queryByText('running')).toBeNull();
    expect(screen.getByRole('button', { name: 'Go on' })).toBeInTheDocument();
  });
});

describe('a step', () => {
  it('shows how far it is, and can be cancelled', async () => {
    const progress = {
      step: 'a',
      done: 1,
      total: 4,
      seconds: 2,
      heading: 'fit(x)',
      state: 'running'
    };
    const running = job({ kind: 'step', title: 'a', progress });
    const nbship = await show(running, { 'POST /jobs/{job}/cancel': running });
    expect(screen.getByText(/Cell 2 of 4/)).toBeInTheDocument();
    expect(screen.getByText('fit(x)')).toBeInTheDocument();
    await act(async () => screen.getByRole('button', { name: 'Cancel' }).click());
    expect(nbship.api.callsOf('POST /jobs/{job}/cancel')).toHaveLength(1);
  });

  it('leads to its run and its notebook beside the one that ran', async () => {
    const result = {
      name: 'a',
      state: 'completed',
      seconds: 2,
      failure: null,
      cells: [{ index: 0, state: 'completed', seconds: 1 }],
      output_path: 'a.executed.ipynb',
      parameters: { x: '1' },
      metrics: { score: 0.5 },
      run: 'r1',
      warnings: []
    };
    const done = job({ kind: 'step', title: 'a', path: 'folder/a.ipynb', state: 'completed' });
    const nbship = await show(done, {}, result);
    const opened: unknown[] = [];
    nbship.commands.addCommand('docmanager:open', { execute: args => void opened.push(args) });
    await act(async () => screen.getByRole('button', { name: 'Open executed notebook' }).click());
    expect(opened).toEqual([{ path: 'folder/a.executed.ipynb', factory: 'Notebook' }]);
    act(() => screen.getByRole('button', { name: 'Open run' }).click());
    expect(nbship.areas.main).toHaveLength(1);
    expect(screen.getByRole('row', { name: /score 0.5/ })).toBeInTheDocument();
  });
});

describe('a sweep', () => {
  const point = (index: number, rate: number, score: number): ISweepPoint => ({
    index,
    params: { rate, depth: 2 },
    state: 'completed',
    metrics: { score },
    seconds: 1,
    run: null,
    output_path: null,
    failure: null,
    progress: null,
    resumed: false
  });
  const report = {
    name: 's',
    notebook: 's.ipynb',
    points: [point(0, 0.1, 0.5), point(1, 0.2, 0.9), { ...point(2, 0.3, 0), metrics: {} }],
    metric: 'score',
    maximize: true,
    best: 1,
    seconds: 3,
    run: null,
    interrupted: false,
    warnings: []
  };

  it('lists the best first and marks it; what is the same everywhere is left out', async () => {
    await show(job({ kind: 'sweep', title: 's', state: 'completed' }), {}, report);
    const rows = screen.getAllByRole('row').map(row => row.textContent);
    expect(rows[0]).toBe('pointratescorestatetime');
    expect(rows[1]).toContain('#2★ best0.20.9');
    expect(rows[2]).toContain('#10.10.5');
    expect(rows[3]).toContain('#30.3');
    expect(screen.getByRole('img', { name: 'score by rate, 2 points' })).toBeInTheDocument();
  });

  it('puts decades at equal distances', () => {
    const axis = axisOf([0.001, 0.01, 0.1], 'en');
    expect(axis.at(0.01)).toBeCloseTo(0.5);
    expect(axisOf(['a', true, null], 'en').ticks.map(tick => tick.label)).toEqual([
      'a',
      'true',
      'None'
    ]);
  });
});
