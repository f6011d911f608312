import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import DriftSection from '../DriftSection';
import { ASKED, HOSTILE, SOURCES, job, verdict } from './sample';

const STATE = {
  job: 'j1',
  finished: '2026-11-21T10:00:02.000+00:00',
  verdict: verdict(),
  asked: ASKED
};

const SERVED = {
  service: 'iris',
  run: 'r',
  run_name: 'iris',
  rows: 640,
  watched: 4,
  columns: [{ name: 'width', distance: 0.4219, missing: 0 }],
  prediction: 0.1,
  problem: '',
  logged: true
};

function shown(answers: Answers = {}) {
  const nbship = fakeNbship({
    answers: {
      'GET /drift/states': { states: [], services: [] },
      'GET /drift/sources': SOURCES,
      'POST /drift/command': { command: 'nbship drift old.csv new.csv' },
      'POST /jobs/drift': job({ id: 'j2', state: 'running' }),
      ...answers
    }
  });
  nbship.tabs.register('drift', { title: () => 'drift', render: () => <p>report</p> });
  renderWith(nbship, <DriftSection />);
  return nbship;
}

async function choose(name: string, option: string) {
  const field = screen.getByRole('combobox', { name });
  fireEvent.click(field);
  fireEvent.click(await screen.findByRole('option', { name: new RegExp(option) }));
}

it('teaches what to do when there is nothing yet', async () => {
  shown();
  expect(await screen.findByText(/choose what to compare with/)).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Check for drift' })).toHaveProperty('disabled', true);
});

it('starts a report on two datasets and opens it', async () => {
  const nbship = shown();
  await choose('Reference', 'r:train');
  await choose('Current data', 'log of iris');
  expect(await screen.findByText('nbship drift old.csv new.csv')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Check for drift' }));
  await waitFor(() => expect(nbship.areas.main).toHaveLength(1));
  const { body } = nbship.api.callsOf('POST /jobs/drift')[0];
  expect(body).toEqual({
    reference: { kind: 'run', name: 'r', dataset: 'train', label: 'r:train' },
    current: { kind: 'service', name: 'iris', label: 'log of iris' },
    options: {}
  });
});

it('does not offer the log of a service as the reference', async () => {
  shown();
  fireEvent.click(screen.getByRole('combobox', { name: 'Reference' }));
  await screen.findByRole('option', { name: /old\.csv/ });
  expect(screen.queryByRole('option', { name: /log of iris/ })).toBeNull();
});

it('is worked by the keyboard, and shows hostile names as text', async () => {
  shown();
  const field = screen.getByRole('combobox', { name: 'Reference' });
  fireEvent.keyDown(field, { key: 'ArrowDown' });
  await screen.findByRole('option', { name: /old\.csv/ });
  for (let at = 0; at < 3; at++) {
    fireEvent.keyDown(field, { key: 'ArrowDown' });
  }
  const active = field.getAttribute('aria-activedescendant') ?? '';
  expect(document.getElementById(active)?.textContent).toContain(HOSTILE);
  expect(document.querySelector('img')).toBeNull();
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(field).toHaveProperty('value', HOSTILE);
  expect(screen.queryByRole('listbox')).toBeNull();
});

it('takes what is typed as the path of a file', async () => {
  shown({
    'GET /drift/sources': { ...SOURCES, runs: [], files: [], services: [] }
  });
  const field = screen.getByRole('combobox', { name: 'Reference' });
  fireEvent.change(field, { target: { value: 'far/away.csv' } });
  expect(await screen.findByText(/Enter takes it as the path/)).toBeTruthy();
  fireEvent.keyDown(field, { key: 'Enter' });
  expect(field).toHaveProperty('value', 'far/away.csv');
});

it('sends the options that were filled in, and refuses what is no number', async () => {
  const nbship = shown();
  await choose('Reference', 'old.csv');
  await choose('Current data', 'r:test');
  fireEvent.change(screen.getByLabelText('Level of the tests'), { target: { value: 'much' } });
  expect(screen.getByText('This is no number.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Check for drift' })).toHaveProperty('disabled', true);
  fireEvent.change(screen.getByLabelText('Level of the tests'), { target: { value: '0,01' } });
  fireEvent.change(screen.getByLabelText('Only these columns'), { target: { value: 'x, y' } });
  await waitFor(() =>
    expect(nbship.api.callsOf('POST /drift/command').pop()?.body).toMatchObject({
      options: { q: 0.01, columns: ['x', 'y'] }
    })
  );
});

it('says why the command cannot run', async () => {
  shown({
    'POST /drift/command': () => {
      throw apiError({ message: 'there is no such file' });
    }
  });
  await choose('Reference', 'old.csv');
  await choose('Current data', 'r:test');
  expect(await screen.findByText('there is no such file')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Check for drift' })).toHaveProperty('disabled', true);
});

it('lists the newest reports, and makes one again', async () => {
  const nbship = shown({ 'GET /drift/states': { states: [STATE], services: [] } });
  const list = await screen.findByRole('list', { name: 'Drift reports' });
  expect(within(list).getByText('drifted')).toBeTruthy();
  expect(within(list).getByText(`old.csv → ${HOSTILE}`)).toBeTruthy();
  fireEvent.click(within(list).getByRole('button', { name: /again/ }));
  await waitFor(() => expect(nbship.api.callsOf('POST /jobs/drift')[0].body).toEqual(ASKED));
});

it('shows a job that runs and one that failed with its reason', async () => {
  shown({
    'GET /jobs': {
      jobs: [
        job({
          id: 'j3',
          state: 'running',
          title: 'a → b',
          progress: { name: 'reading', done: 0.3 }
        }),
        job({ id: 'j2', state: 'failed', title: 'c → d', message: 'no column x' }),
        job({ id: 'j0', state: 'failed', title: 'c → d', message: 'older' })
      ]
    }
  });
  expect(await screen.findByRole('progressbar', { name: 'Progress of a → b' })).toHaveProperty(
    'value',
    0.3
  );
  expect(screen.getByText('no column x')).toBeTruthy();
  expect(screen.queryByText('older')).toBeNull();
});

it('shows what running services say, and prepares a report on their log', async () => {
  shown({ 'GET /drift/states': { states: [], services: [SERVED] } });
  const table = await screen.findByRole('table', { name: /requests of iris/ });
  expect(within(table).getByText('0.422')).toBeTruthy();
  fireEvent.click(screen.getByRole('button', { name: 'Check its log' }));
  await waitFor(() =>
    expect(screen.getByRole('combobox', { name: 'Reference' })).toHaveProperty('value', 'r:train')
  );
  expect(screen.getByRole('combobox', { name: 'Current data' })).toHaveProperty(
    'value',
    'log of iris'
  );
});
