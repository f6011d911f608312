import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { signOf } from '../tabs/run/FollowRun';
import { edgePath, neighbour, shortened } from '../tabs/run/LineageGraph';
import RunTab from '../tabs/run/RunTab';
import { columnsOf } from '../tabs/run/ColumnsTable';
import { scaleOf } from '../tabs/run/chart-scale';
import type { Dataset } from '../tabs/run/DataPart';
import { fenced } from '../components/SourceCode';
import { formatBytes, formatNumber } from '../components/numbers';
import { apiError, fakeNbship, renderWith, type Answers } from './fake';

// Everything is in view in a page without a layout.
beforeAll(() => void Reflect.deleteProperty(globalThis, 'IntersectionObserver'));

const ID = 'b'.repeat(32);
const HOSTILE = '<img src=x onerror=alert(1)>';

const RUN = {
  id: ID,
  name: HOSTILE,
  status: 'FINISHED',
  experiment: 'flights',
  started: '2026-11-21T10:00:00.000+00:00',
  duration_seconds: 7,
  params: { rate: '0.1', [HOSTILE]: HOSTILE },
  metrics: { auc: 0.685288, broken: 'NaN' },
  datasets: [],
  tags: { 'mlflow.source.name': 'train.ipynb', team: HOSTILE },
  artifact_uri: 'file:///a',
  artifacts: ['notebook.ipynb'],
  warnings: [],
  notebook: 'train.ipynb',
  page: null as string | null
};
const MODEL = {
  name: 'model',
  class_name: 'sklearn.Pipeline',
  flavor: 'sklearn',
  flavor_version: '1.9',
  serialization: 'skops',
  python: '3.11',
  inputs: [{ name: 'distance', type: 'double', required: true }],
  outputs: [],
  requirements: [],
  size_bytes: 190_000,
  has_example: true,
  target: '',
  importance: null,
  importance_method: '',
  versions: [],
  shippable: true,
  obstacle: ''
};
const ANSWERS: Answers = {
  'GET /runs/{run}': RUN,
  'GET /runs/{run}/badges': { packaged: 'image:1', served: null, data_changed: true },
  'GET /runs/{run}/rerun': {
    path: null,
    kind: 'notebook',
    parameters: null,
    values: {},
    candidates: []
  },
  'GET /runs/{run}/models': { models: [] },
  'GET /runs/{run}/metrics': {
    metrics: [{ key: 'auc', steps: [0, 1], values: [0.5, 0.68], times_ms: [0, 1], total: 2 }]
  }
};

function open(answers: Answers = {}, options: { isLab?: boolean } = {}) {
  const nbship = fakeNbship({
    path: 'train.ipynb',
    answers: { ...ANSWERS, ...answers },
    ...options
  });
  return { nbship, ...renderWith(nbship, <RunTab run={ID} />) };
}

const tab = (name: RegExp) => screen.findByRole('tab', { name });

describe('RunTab', () => {
  it('shows what a run is, and every string of it as text', async () => {
    const { container } = open();
    expect(await screen.findByRole('heading', { level: 1, name: HOSTILE })).toBeInTheDocument();
    expect(screen.getByText('Finished')).toBeInTheDocument();
    expect(await screen.findByText('Packaged')).toHaveAttribute(
      'title',
      expect.stringContaining('image:1')
    );
    expect(screen.getByText('New data')).toBeInTheDocument();
    expect(screen.getByText('0.685288')).toBeInTheDocument();
    expect(screen.getByText('NaN')).toBeInTheDocument();
    expect(container.querySelector('img')).toBeNull();
  });

  it('asks within the project of the notebook that was active', async () => {
    const { nbship } = open();
    await screen.findByText('Packaged');
    const queries = nbship.api.calls
      .filter(call => call.request.startsWith('GET /runs'))
      .map(call => call.query?.path);
    expect(new Set(queries)).toEqual(new Set(['train.ipynb']));
  });

  it('draws the history of a metric when asked', async () => {
    open();
    fireEvent.click(await screen.findByRole('button', { name: /2 values of auc/ }));
    expect(screen.getByRole('img', { name: 'auc by step' })).toBeInTheDocument();
  });

  it('offers only what can be done here', async () => {
    const { nbship } = open();
    const actions = within(await screen.findByRole('toolbar'));
    await screen.findByText('Packaged');
    expect(actions.getByRole('button', { name: 'Open executed notebook' })).toBeInTheDocument();
    for (const name of [
      'Run again…',
      'Compare with…',
      'Register or alias…',
      'Package…',
      'Serve…'
    ]) {
      expect(actions.queryByRole('button', { name })).toBeNull();
    }
    expect(actions.queryByRole('link')).toBeNull();
    act(() => nbship.tabs.register('compare', { title: () => '', render: () => <p /> }));
    expect(actions.getByRole('button', { name: 'Compare with…' })).toBeInTheDocument();
  });

  it('closes what a button has opened with Escape, and goes back to the button', async () => {
    const { nbship } = open({
      'GET /runs': { runs: [], badges: {}, more: false, total: 0, tracking_uri: '', waiting: 0 }
    });
    act(() => nbship.tabs.register('compare', { title: () => '', render: () => <p /> }));
    const button = await screen.findByText('Compare with…');
    fireEvent.click(button);
    const search = await screen.findByLabelText('Compare with');
    fireEvent.keyDown(search, { key: 'Escape' });
    expect(screen.queryByLabelText('Compare with')).toBeNull();
    expect(button).toHaveFocus();
  });

  it('packages and serves a model where there are commands for it', async () => {
    const { nbship } = open({ 'GET /runs/{run}/models': { models: [MODEL] } });
    const execute = jest.fn();
    expect(await screen.findByRole('button', { name: 'Register or alias…' })).toBeInTheDocument();
    act(() => void nbship.commands.addCommand('nbship:package-run', { execute }));
    fireEvent.click(screen.getByRole('button', { name: 'Package…' }));
    await waitFor(() => expect(execute).toHaveBeenCalledWith(expect.objectContaining({ run: ID })));
    expect(screen.queryByRole('button', { name: 'Serve…' })).toBeNull();
  });

  it('leaves the read-only notebook to JupyterLab', async () => {
    open({}, { isLab: false });
    await screen.findByText('Packaged');
    expect(screen.queryByRole('button', { name: 'Open executed notebook' })).toBeNull();
    expect(screen.getByRole('button', { name: 'Save a copy…' })).toBeInTheDocument();
  });

  it('links to MLflow where the store is on the web', async () => {
    open({ 'GET /runs/{run}': { ...RUN, page: 'http://host/#/runs/b' } });
    const link = await screen.findByRole('link', { name: 'Open in MLflow' });
    expect(link).toHaveAttribute('href', 'http://host/#/runs/b');
    expect(link).toHaveAttribute('rel', expect.stringContaining('noopener'));
  });

  it('runs the notebook again with the values of the run', async () => {
    const parameter = {
      name: 'rate',
      type: 'float',
      kind: 'float',
      default: 0.1,
      default_source: '0.1',
      required: false,
      help: '',
      annotation: '',
      inferred: true,
      secret: false,
      cell: 0,
      line: 1,
      schema: { type: 'number' }
    };
    const { nbship } = open({
      'GET /runs/{run}/rerun': {
        path: 'train.ipynb',
        kind: 'step',
        parameters: { tagged: true, parameters: [parameter] },
        values: { rate: '0.3' },
        candidates: []
      },
      'POST /jobs/step': () => {
        throw apiError({ message: 'No kernel.', hint: 'Install one.' });
      }
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Run again…' }));
    expect(screen.getByDisplayValue('0.3')).toBeInTheDocument();
    fireEvent.click(screen.getByRole('button', { name: 'Run' }));
    expect(await screen.findByText('No kernel.')).toBeInTheDocument();
    expect(nbship.api.callsOf('POST /jobs/step')[0].body).toEqual({
      notebook: 'train.ipynb',
      parameters: { rate: 0.3 },
      secrets: {}
    });
  });

  it('registers a model under a name, with an alias', async () => {
    const { nbship } = open({
      'GET /runs/{run}/models': { models: [MODEL] },
      'POST /runs/register': {}
    });
    fireEvent.click(await screen.findByRole('button', { name: 'Register or alias…' }));
    expect(screen.getByRole('button', { name: 'Register' })).toBeDisabled();
    fireEvent.change(screen.getByLabelText('Name of the registered model'), {
      target: { value: ' late ' }
    });
    fireEvent.change(screen.getByLabelText('Alias (optional)'), { target: { value: 'champion' } });
    fireEvent.click(screen.getByRole('button', { name: 'Register' }));
    await waitFor(() =>
      expect(nbship.api.callsOf('POST /runs/register')[0]?.body).toEqual({
        run: `runs:/${ID}/model`,
        name: 'late',
        alias: 'champion'
      })
    );
  });

  it('says that a run is not there', async () => {
    open({
      'GET /runs/{run}': () => {
        throw apiError({ status: 404, code: 'run_not_found', message: 'no run' });
      }
    });
    expect(await screen.findByText('This run is not there')).toBeInTheDocument();
  });

  it('keeps what it knows of a run that was deleted meanwhile, and offers nothing to do', async () => {
    const { nbship } = open();
    await screen.findByText('Packaged');
    nbship.api.answers['GET /runs/{run}'] = () => {
      throw apiError({ status: 404, code: 'run_not_found', message: 'no run' });
    };
    fireEvent.click(screen.getByRole('button', { name: 'Load this run again' }));
    expect(await screen.findByText(/deleted meanwhile/)).toBeInTheDocument();
    expect(screen.getByText('0.685288')).toBeInTheDocument();
    expect(screen.queryByRole('toolbar')).toBeNull();
  });

  it('says that the store is down, and tries again', async () => {
    const { nbship } = open({
      'GET /runs/{run}': () => {
        throw apiError({ status: 502, code: 'store', message: 'It is down.', hint: 'Wait.' });
      }
    });
    expect(await screen.findByText('It is down.')).toBeInTheDocument();
    nbship.api.answers['GET /runs/{run}'] = RUN;
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
    expect(await screen.findByRole('heading', { level: 1 })).toBeInTheDocument();
  });

  it('shows the cells, an error among them, and loads a large output on demand', async () => {
    const stream = (text: string) => ({ output_type: 'stream', name: 'stdout', text });
    const cell = (index: number, more: object) => ({
      index,
      source: `x = ${index}`,
      status: 'ok',
      cell_id: null,
      execution_count: index + 1,
      started_ms: 0,
      seconds: 1,
      needed: false,
      tracked: true,
      outputs: [],
      outputs_cut: false,
      error: null,
      ...more
    });
    const error = { ename: 'ValueError', evalue: HOSTILE, traceback: [] };
    const { nbship, container } = open({
      'GET /runs/{run}/cells': {
        cells: [
          cell(0, { outputs: [{ output: stream('left out'), omitted: true, size_bytes: 5e6 }] }),
          cell(1, {
            status: 'error',
            error,
            outputs: [
              {
                output: { output_type: 'error', ...error, traceback: [HOSTILE] },
                omitted: false,
                size_bytes: 9
              }
            ]
          })
        ],
        total: 2,
        offset: 0,
        lacks: []
      },
      'GET /runs/{run}/outputs/{cell}/{output}': stream('all of it')
    });
    fireEvent.click(await tab(/Cells/));
    expect(await screen.findByText('A large output of 5 MB')).toBeInTheDocument();
    expect(screen.getByText('Failed', { selector: '.jp-nbship-Badge' })).toBeInTheDocument();
    fireEvent.click(screen.getByRole('button', { name: 'Show it' }));
    expect(await screen.findByText('all of it')).toBeInTheDocument();
    expect(nbship.api.callsOf('GET /runs/{run}/outputs/{cell}/{output}')[0].path).toEqual({
      run: ID,
      cell: '0',
      output: '0'
    });
    fireEvent.click(screen.getByRole('button', { name: 'Failed' }));
    expect(screen.getAllByRole('listitem')).toHaveLength(1);
    expect(container.querySelector('img')).toBeNull();
  });

  it('says in the words of the service why there are no cells', async () => {
    open({
      'GET /runs/{run}/cells': { cells: [], total: 0, offset: 0, lacks: ['its files are gone'] }
    });
    fireEvent.click(await tab(/Cells/));
    expect(await screen.findByText('its files are gone')).toBeInTheDocument();
  });

  it('draws the lineage with keys to walk it, and tells it as a list', async () => {
    const { nbship } = open({ 'GET /runs/{run}/lineage': LINEAGE });
    nbship.tabs.register('run', { title: () => 'x', render: () => <p /> });
    fireEvent.click(await tab(/Lineage/));
    const own = await screen.findByRole('img', { name: 'Run, fit' });
    expect(own).toHaveAttribute('tabindex', '0');
    fireEvent.keyDown(own, { key: 'ArrowLeft' });
    expect(screen.getByRole('img', { name: 'Data, train, 60 rows' })).toHaveFocus();
    fireEvent.keyDown(screen.getByRole('link', { name: 'Run, child' }), { key: 'Enter' });
    expect(nbship.areas.main).toHaveLength(1);
    expect(screen.getByText('from train')).toBeInTheDocument();
  });
});

const LINEAGE = {
  nodes: [
    { id: 'd', kind: 'dataset', label: 'train', detail: '60 rows', run: '' },
    { id: 'r', kind: 'run', label: 'fit', detail: '', run: ID },
    { id: 'c', kind: 'run', label: 'child', detail: '', run: 'c'.repeat(32) }
  ],
  edges: [
    ['d', 'r'],
    ['r', 'c']
  ] as [string, string][],
  layout: {
    width: 700,
    height: 60,
    boxes: [
      [4, 4, 208, 44],
      [260, 4, 208, 44],
      [516, 4, 208, 44]
    ] as [number, number, number, number][],
    edges: [
      {
        start: 0,
        end: 1,
        points: [
          [212, 26],
          [260, 26]
        ] as [number, number][]
      },
      {
        start: 1,
        end: 2,
        points: [
          [468, 26],
          [516, 26]
        ] as [number, number][]
      }
    ]
  }
};

it('walks a lineage along its edges', () => {
  expect(neighbour(LINEAGE, 1, 'left')).toBe(0);
  expect(neighbour(LINEAGE, 1, 'right')).toBe(2);
  expect(neighbour(LINEAGE, 2, 'right')).toBeNull();
  expect(neighbour(LINEAGE, 1, 'up')).toBeNull();
  expect(
    edgePath([
      [0, 0],
      [10, 20]
    ])
  ).toBe('M0 0C5 0 5 20 10 20');
  expect(shortened('a/very/long/path.csv', 9)).toBe('…path.csv');
});

it('notices that a run has gone on', () => {
  const live = { sessions: [{ runs: [{ store_run_id: ID, cells: 1 }] }] };
  const more = { sessions: [{ runs: [{ store_run_id: ID, cells: 2 }] }] };
  const sign = (data: unknown) =>
    signOf(data as Parameters<typeof signOf>[0], { id: ID, tags: {} });
  expect(sign(null)).toBe('');
  expect(sign(live)).not.toBe(sign(more));
});

it('finds the profile of each column, also of two with the same name', () => {
  const summary = (name: string) => ({ name, dtype: 'int64', shares: [], edges: [], levels: [] });
  const fingerprint = (digest: string) => ({ name: 'a', dtype: 'int64', digest, weak: false });
  const columns = columnsOf({
    index: [fingerprint('i')],
    columns: [fingerprint('1'), fingerprint('2')],
    summary: { rows: 1, sampled_from: null, notes: [], columns: [summary('a'), summary('a [2]')] }
  } as unknown as Dataset);
  expect(columns.map(column => [column.isIndex, column.summary?.name])).toEqual([
    [true, undefined],
    [false, 'a'],
    [false, 'a [2]']
  ]);
});

it('writes numbers, sizes, scales and code blocks', () => {
  expect(formatNumber(0.6852881, 'en')).toBe('0.685288');
  expect(formatNumber(1234567, 'en')).toBe('1,234,567');
  expect(formatNumber(1e-9, 'en')).toBe('1.000e-9');
  expect(formatNumber('NaN', 'en')).toBe('NaN');
  expect(formatBytes(512, 'en')).toBe('512 B');
  expect(formatBytes(5_100_000, 'en')).toBe('5.1 MB');
  expect(formatBytes(null, 'en')).toBe('–');
  expect(scaleOf([]).ticks).toEqual([0]);
  expect(scaleOf([0, 1]).ticks.length).toBeLessThanOrEqual(6);
  expect(fenced('a ```` b', 'python')).toBe('`````python\na ```` b\n`````');
});
