import { fireEvent, screen, within } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import { ASKED, HOSTILE, job, verdict } from '../../../sections/drift/__tests__/sample';
import DriftTab from '../DriftTab';

function column(name: string, changes: object = {}) {
  return {
    name,
    kind: 'numeric',
    role: 'feature',
    state: 'drifted',
    sign: '▲',
    word: 'drifted',
    drifted: true,
    reason: `values of ${name} moved`,
    measure: 'Wasserstein-1, in spreads',
    effect: 0.2,
    threshold: 0.1,
    ratio: 2,
    ratio_text: '2×',
    importance: null,
    importance_text: '',
    missing: '',
    details: ['0.2 > threshold 0.1'],
    distribution: {
      reference: [0.5, 0.5],
      current: [0.1, 0.9],
      edges: [0, 1, 2],
      levels: [],
      clipped: false,
      has_other: false
    },
    ...changes
  };
}

const REPORT = {
  verdict: verdict(),
  counts: { drifted: 1, stable: 1 },
  columns: [column(HOSTILE), column('y', { state: 'stable', sign: '✓', word: 'stable' })],
  windows: 0,
  model: '',
  importance_method: '',
  budget: 'With nothing changed …',
  thresholds: 'numbers 0.1',
  notes: [],
  asked: ASKED
};

function shown(answers: Answers = {}) {
  const nbship = fakeNbship({
    answers: {
      'GET /jobs': { jobs: [job()] },
      'GET /drift/reports/{job}': REPORT,
      ...answers
    }
  });
  renderWith(nbship, <DriftTab job="j1" />);
  return nbship;
}

it('takes exit code 1 for what it is: drift was found', async () => {
  shown();
  expect(await screen.findByText('1 of 2 columns drifted: x')).toBeTruthy();
  expect(screen.queryByText(/failed/)).toBeNull();
  expect(screen.getByText('1 drifted, 1 stable')).toBeTruthy();
});

it('shows every column with state, effect and reason, and hostile names as text', async () => {
  shown();
  const table = await screen.findByRole('table', { name: 'Columns' });
  const [, first, second] = within(table).getAllByRole('row');
  expect(within(first).getByRole('rowheader').textContent).toBe(HOSTILE);
  expect(within(first).getByText('2×')).toBeTruthy();
  expect(within(second).getByText('stable')).toBeTruthy();
  expect(document.querySelector('img')).toBeNull();
});

it('finds columns by name and by state', async () => {
  shown();
  const table = await screen.findByRole('table', { name: 'Columns' });
  fireEvent.click(screen.getByLabelText('Only what changed (1)'));
  expect(within(table).getAllByRole('row')).toHaveLength(2);
  fireEvent.change(screen.getByLabelText('Find a column'), { target: { value: 'nothing' } });
  expect(screen.getByText('No column is called so.')).toBeTruthy();
});

it('shows the page of the library when it is asked for', async () => {
  const nbship = shown({ 'GET /drift/reports/{job}/page': { html: '<b>whole page</b>' } });
  fireEvent.click(await screen.findByRole('tab', { name: 'Full report' }));
  expect(await screen.findByText('whole page')).toBeTruthy();
  expect(nbship.api.callsOf('GET /drift/reports/{job}/page')).toHaveLength(1);
});

it('shows progress while the report is made', async () => {
  const running = job({ state: 'running', progress: { name: 'reading the reference', done: 0 } });
  shown({
    'GET /jobs': { jobs: [running] },
    'GET /jobs/{job}': { job: running, log: '', log_end: 0, result: null }
  });
  expect(await screen.findByText('reading the reference')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeTruthy();
});

it('shows why a report could not be made', async () => {
  const failed = job({ state: 'failed', message: 'no column x', exit_code: 2 });
  shown({
    'GET /jobs': { jobs: [failed] },
    'GET /jobs/{job}': { job: failed, log: 'a line\n', log_end: 7, result: null }
  });
  expect(await screen.findByText('no column x')).toBeTruthy();
});

it('says that a report is gone', async () => {
  shown({ 'GET /jobs': { jobs: [] } });
  expect(await screen.findByText('This report is gone')).toBeTruthy();
});

it('says what went wrong', async () => {
  shown({
    'GET /drift/reports/{job}': () => {
      throw apiError({ message: 'Half a report.' });
    }
  });
  expect(await screen.findByText('Half a report.')).toBeTruthy();
});
