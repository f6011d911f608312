import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import { ReadingBook } from '../../../shipping/rates';
import type { ServedModel } from '../../../shipping/words';
import ShipSection from '../ShipSection';

const HOSTILE = '<img src=x onerror=alert(1)>';

const SERVICE: ServedModel = {
  name: 'late-flights',
  kind: 'process',
  endpoint: 'http://127.0.0.1:8080',
  state: 'ready',
  run_id: 'r1',
  run_name: HOSTILE,
  model: 'late-flights',
  model_version: '',
  model_digest: '',
  reason: '',
  container_id: '',
  image: '',
  pid: 7,
  started_ms: Date.now() - 60_000,
  ready_seconds: 1,
  log_folder: '',
  snippets: null,
  method: 'predict'
};

const MEANS = {
  engine: '',
  engine_problem: 'there is no engine’s socket. Install Docker or start it.',
  has_sdk: false,
  base_image: '',
  base_origin: '',
  base_problem: '',
  platform: 'linux/amd64'
};

const IMAGE = {
  run_id: 'r1',
  reference: 'late-flights:1',
  digest: 'sha256:1',
  built_ms: Date.now() - 1000,
  size_bytes: 210_000_000,
  platform: 'linux/amd64',
  model: 'late-flights',
  model_version: '',
  archive: '/p/a.tar',
  pushed: '',
  loaded: false
};

function shown(answers: Answers = {}) {
  const nbship = fakeNbship({
    answers: {
      'GET /services': { services: [], readings: {} },
      'GET /shipping/images': { images: [] },
      'GET /shipping/means': { means: MEANS },
      ...answers
    }
  });
  nbship.tabs.register('service', { title: () => 'x', render: () => <p>service</p> });
  nbship.tabs.register('package', { title: () => 'x', render: () => <p>package</p> });
  return { nbship, ...renderWith(nbship, <ShipSection book={new ReadingBook()} />) };
}

it('teaches what to do when nothing is shipped', async () => {
  shown();
  expect(await screen.findByText('Nothing is shipped yet')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Ship a run…' })).toBeEnabled();
  expect(await screen.findByText(/models are served as processes/)).toBeInTheDocument();
  expect(screen.getByText("pip install 'nbship[docker]'")).toBeInTheDocument();
});

it('lists what is served and opens it; names stay text', async () => {
  const { nbship, container } = shown({
    'GET /services': { services: [SERVICE], readings: {} },
    'GET /shipping/images': { images: [IMAGE] }
  });
  const list = await screen.findByRole('list', { name: 'Served models' });
  expect(within(list).getByText('ready')).toBeInTheDocument();
  expect(within(list).getByText(HOSTILE)).toBeInTheDocument();
  expect(container.querySelector('img')).toBeNull();
  fireEvent.click(within(list).getByRole('button', { name: 'late-flights' }));
  expect(nbship.activated).toContain('service');
  expect(screen.getByText('late-flights:1')).toBeInTheDocument();
  expect(screen.getByText('210 MB')).toBeInTheDocument();
});

it('removes a service that died without a question', async () => {
  const { nbship } = shown({
    'GET /services': {
      services: [{ ...SERVICE, state: 'failed', reason: 'it ended by itself: killed' }],
      readings: {}
    },
    'POST /services/{name}/stop': { ...SERVICE, state: 'stopped' }
  });
  expect(await screen.findByText('it ended by itself: killed')).toBeInTheDocument();
  fireEvent.click(screen.getByRole('button', { name: 'Remove late-flights' }));
  await waitFor(() => expect(nbship.api.callsOf('POST /services/{name}/stop')).toHaveLength(1));
});

it('says what went wrong and asks again', async () => {
  let broken = true;
  shown({
    'GET /services': () => {
      if (broken) {
        throw apiError({ message: 'The engine does not answer.', hint: 'Start it.' });
      }
      return { services: [SERVICE], readings: {} };
    }
  });
  expect(await screen.findByText('The engine does not answer.')).toBeInTheDocument();
  broken = false;
  fireEvent.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByText('ready')).toBeInTheDocument();
});

it('shows work that goes on, and asks nothing while hidden', async () => {
  const job = {
    id: 'j1',
    kind: 'package',
    title: 'late-flights',
    command: '',
    path: 'r1',
    state: 'running',
    started: new Date().toISOString(),
    seconds: 1,
    progress: { name: 'building layers', done: 1, detail: 'runtime' },
    message: '',
    exit_code: null
  };
  const { nbship, visibility } = shown({ 'GET /jobs': { jobs: [job] } });
  expect(await screen.findByText('building layers: runtime')).toBeInTheDocument();
  expect(screen.getByRole('progressbar')).toHaveAttribute('value', '0.97');
  act(() => void (visibility.visible = false));
  const calls = nbship.api.calls.length;
  act(() => nbship.refresh());
  expect(nbship.api.calls).toHaveLength(calls);
});
