import { fireEvent, screen, within } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import CompareTab from '../CompareTab';

const HOSTILE = '<img src=x onerror=alert(1)>';

function run(id: string, name: string) {
  return {
    id,
    name,
    status: 'FINISHED',
    experiment: 'e',
    started: '2026-11-21T10:00:00.000+00:00',
    duration_seconds: 3,
    params: { depth: id, seed: '7' },
    metrics: { auc: 0.5, loss: 1 },
    datasets: [
      { name: 'train', digest: id, rows: 3 },
      { name: 'test', digest: 't', rows: 3 }
    ],
    tags: {},
    artifact_uri: ''
  };
}

const NOTHING = {
  params: [],
  metrics: [],
  code: [],
  data: [],
  packages: [],
  git: [],
  seeds: [],
  facts: []
};

function pair(changes: object = {}) {
  return {
    pair: {
      headline: 'auc is better.',
      runs: [run('a', 'first'), run('b', HOSTILE)],
      differs: true,
      ...NOTHING,
      params: [{ name: 'depth', left: 'a', right: 'b' }],
      metrics: [
        {
          name: 'auc',
          left: 0.5,
          right: 0.6,
          delta: 0.1,
          relative: 0.2,
          left_text: '0.5',
          right_text: '0.6',
          delta_text: '▲ +0.1',
          relative_text: '+20 %',
          verdict: 'better'
        }
      ],
      equal: { params: 1, metrics: 1, cells: 3 },
      lacks: [],
      ...changes
    },
    table: null,
    missing: [],
    text: 'all of it'
  };
}

function shown(answer: object, answers: Answers = {}) {
  const nbship = fakeNbship({
    answers: {
      'GET /comparison': answer,
      'GET /comparison/figures': { figures: [] },
      ...answers
    }
  });
  nbship.tabs.register('run', { title: () => 'run', render: () => <p>run</p> });
  renderWith(nbship, <CompareTab runs={['a', 'b']} />);
  return nbship;
}

// The one of the test environment never sees anything.
beforeAll(() => Reflect.deleteProperty(window, 'IntersectionObserver'));

it('shows only what differs until all is asked for', async () => {
  shown(pair());
  const params = await screen.findByRole('table', { name: 'Parameters' });
  expect(within(params).queryByText('seed')).toBeNull();
  expect(within(params).getAllByRole('row')).toHaveLength(2);
  fireEvent.click(screen.getByLabelText('Show what is equal'));
  expect(within(params).getByText('seed')).toBeTruthy();
  expect(within(screen.getByRole('table', { name: 'Metrics' })).getByText('loss')).toBeTruthy();
  expect(screen.getByText('test')).toBeTruthy();
});

it('says the direction of a metric in words', async () => {
  shown(pair());
  expect(await screen.findByText('better')).toBeTruthy();
  expect(screen.getByText('▲ +0.1')).toBeTruthy();
});

it('opens a run from its name, which stays text', async () => {
  const nbship = shown(pair());
  const link = await screen.findByRole('button', { name: HOSTILE });
  expect(document.querySelector('img')).toBeNull();
  fireEvent.click(link);
  expect(nbship.areas.main).toHaveLength(1);
});

it('shows lines of code with signs and numbers', async () => {
  const code = [
    {
      change: 'changed',
      left: 1,
      right: 2,
      cell_id: null,
      lines: [
        { sign: '@', text: '4 equal lines', left: null, right: null, pieces: [] },
        { sign: '-', text: 'x = 1', left: 5, right: null, pieces: [] },
        { sign: '+', text: HOSTILE, left: null, right: 5, pieces: [] }
      ]
    }
  ];
  shown(pair({ code }));
  const diff = await screen.findByRole('region', { name: 'Changes of Cell 1 → 2' });
  expect(within(diff).getByText('4 equal lines')).toBeTruthy();
  expect(within(diff).getByLabelText('removed').textContent).toBe('−');
  expect(within(diff).getByLabelText('added').textContent).toBe('+');
  expect(diff.querySelector('del')?.textContent).toBe('x = 1');
  expect(diff.querySelector('ins')?.textContent).toBe(HOSTILE);
  expect(diff.querySelector('[data-number="5"]')).toBeTruthy();
  expect(document.querySelector('img')).toBeNull();
});

it('says clearly that nothing differs', async () => {
  shown(pair({ ...NOTHING, differs: false }));
  expect(await screen.findByText('Nothing differs')).toBeTruthy();
});

it('names runs that are gone', async () => {
  shown({ ...pair(), missing: ['deadbeefdeadbeef'] });
  expect(await screen.findByText(/left out: deadbeef$/)).toBeTruthy();
});

it('says what went wrong, and tries again', async () => {
  let calls = 0;
  shown(() => {
    calls += 1;
    if (calls === 1) {
      throw apiError({ message: 'The store is down.', hint: 'Start it.' });
    }
    return pair();
  });
  expect(await screen.findByText('The store is down.')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('auc is better.')).toBeTruthy();
});

it('shows a thousand changed cells without rendering all of them', async () => {
  const cell = (at: number) => ({
    change: 'added',
    left: null,
    right: at,
    cell_id: null,
    lines: [{ sign: '+', text: 'x', left: null, right: 1, pieces: [] }]
  });
  shown(pair({ code: Array.from({ length: 1000 }, (_, at) => cell(at + 1)) }));
  expect(await screen.findByText('Cell 1')).toBeTruthy();
  expect(document.querySelectorAll('.jp-nbship-CellDiff')).toHaveLength(60);
  fireEvent.click(screen.getByText(/^Show more/));
  expect(document.querySelectorAll('.jp-nbship-CellDiff')).toHaveLength(120);
});

const TABLE = {
  pair: null,
  table: {
    headline: '3 runs.',
    runs: [run('a', 'one'), run('b', 'two'), run('c', 'three')],
    params: ['depth'],
    metrics: [],
    constant: { seed: '7' },
    code: [],
    data: {},
    histories: [],
    lacks: [],
    columns: [
      { kind: 'parameters', name: 'depth', texts: ['a', 'b', 'c'], best: null, numeric: false }
    ],
    order: [0, 1, 2]
  },
  missing: [],
  text: ''
};

it('compares those of many runs that are chosen', async () => {
  const nbship = shown(TABLE);
  const opened = jest.spyOn(nbship.tabs, 'open').mockReturnValue(undefined as never);
  fireEvent.click(await screen.findByLabelText('Choose three'));
  expect(screen.queryByRole('button', { name: /chosen runs/ })).toBeNull();
  fireEvent.click(screen.getByLabelText('Choose one'));
  fireEvent.click(screen.getByRole('button', { name: 'Compare the 2 chosen runs' }));
  expect(opened).toHaveBeenCalledWith('compare', { runs: ['a', 'c'] });
});

it('sorts the table by a column, and says so', async () => {
  shown(TABLE);
  const button = await screen.findByRole('button', { name: 'depth' });
  fireEvent.click(button);
  expect(screen.getByRole('columnheader', { name: /depth/ }).getAttribute('aria-sort')).toBe(
    'descending'
  );
  const rows = screen.getAllByRole('rowheader').map(head => head.textContent);
  expect(rows[0]).toContain('three');
  expect(screen.queryByRole('columnheader', { name: 'seed' })).toBeNull();
  fireEvent.click(screen.getByLabelText('Show what is equal'));
  expect(screen.getByRole('columnheader', { name: 'seed' })).toBeTruthy();
});

it('shows a table of a thousand columns in part until all are asked for', async () => {
  const [column] = TABLE.table.columns;
  const columns = Array.from({ length: 1000 }, (_, at) => ({ ...column, name: `m${at}` }));
  shown({ ...TABLE, table: { ...TABLE.table, columns } });
  expect(await screen.findByText('1000 columns differ')).toBeTruthy();
  expect(document.querySelectorAll('th[scope="col"]')).toHaveLength(62);
  fireEvent.click(screen.getByText('Show all 1000 columns'));
  expect(document.querySelectorAll('th[scope="col"]')).toHaveLength(1002);
});
