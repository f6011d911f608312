import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import PackageTab from '../PackageTab';

const JOB = {
  id: 'j1',
  kind: 'package',
  title: 'late-flights',
  command: 'nbship package r1',
  path: 'r1',
  state: 'completed',
  started: new Date(0).toISOString(),
  seconds: 12.3,
  progress: { name: 'writing the image', done: 1, detail: 'archive', seconds: 12 },
  message: '',
  exit_code: 0
};

const IMAGE = {
  reference: 'late-flights:1',
  digest: 'sha256:8682d44ec685',
  platform: 'linux/amd64',
  base: 'python:3.11-slim',
  layers: [
    { name: 'base', digest: 'sha256:1', size_bytes: 40_000_000, cached: false },
    { name: 'base', digest: 'sha256:2', size_bytes: 60_000_000, cached: false },
    { name: 'heavy wheels', digest: 'sha256:3', size_bytes: 80_000_000, cached: true },
    { name: 'model', digest: 'sha256:4', size_bytes: 27_000, cached: false }
  ],
  archive: '/p/late.tar',
  pushed: '',
  loaded: false,
  verified: null,
  size_bytes: 180_027_000,
  added_bytes: 80_027_000,
  smoke: { where: 'process' },
  notes: ['<b>note</b>']
};

const TOLD = {
  asked: { run: 'r1', label: 'late-flights', options: { name: 'late' } },
  stages: [
    { name: 'reading the run', detail: '', seconds: 0.2, began_ms: 0 },
    { name: 'building layers', detail: 'runtime and model', seconds: 6, began_ms: 200 }
  ],
  untrusted: false,
  places: [['archive', '/p/late.tar']],
  smoke: '5 rows answered exactly as recorded'
};

function shown(job: object, told: object, result: unknown = null, answers: Answers = {}) {
  const nbship = fakeNbship({
    answers: {
      'GET /jobs/{job}': { job, log: '', log_end: 0, result },
      'GET /shipping/jobs/{job}': told,
      ...answers
    }
  });
  nbship.tabs.register('package', { title: () => 'x', render: () => <p>package</p> });
  nbship.tabs.register('service', { title: () => 'x', render: () => <p>service</p> });
  return { nbship, ...renderWith(nbship, <PackageTab job="j1" />) };
}

it('shows what an image is made of, its test and what to do next', async () => {
  shown(JOB, TOLD, IMAGE);
  expect(await screen.findByText('5 rows answered exactly as recorded')).toBeInTheDocument();
  const layers = screen.getByRole('table', { name: 'Layers' });
  expect(layers).toHaveTextContent('base image100 MB56%');
  expect(layers).toHaveTextContent('large libraries80 MB44%cached');
  expect(layers).toHaveTextContent('model27 kB0.01%new');
  expect(screen.getByText('<b>note</b>')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Serve this model…' })).toBeEnabled();
  expect(screen.getByText(/docker load -i \/p\/late.tar/)).toBeInTheDocument();
});

it('shows the stages of work that goes on', async () => {
  const stages = [
    ...TOLD.stages,
    { name: 'smoke test', detail: '', seconds: null, began_ms: Date.now() - 7000 }
  ];
  shown({ ...JOB, state: 'running' }, { ...TOLD, stages });
  const table = await screen.findByRole('table', { name: 'Stages' });
  expect(table).toHaveTextContent('building layers6 sruntime and model');
  expect(table).toHaveTextContent('nowsmoke test7 s');
  expect(screen.getByRole('progressbar')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Cancel' })).toBeEnabled();
});

it('builds from an untrusted pickle only after a question', async () => {
  const message = 'the model of x is a pickle. It would import: os.system. say --trust-pickle';
  const { nbship } = shown(
    { ...JOB, state: 'failed', message, exit_code: 2 },
    { ...TOLD, untrusted: true, places: [], smoke: '' },
    null,
    { 'POST /jobs/package': { ...JOB, id: 'j2', state: 'running' } }
  );
  expect(await screen.findByRole('alert')).toHaveTextContent('It would import: os.system');
  fireEvent.click(screen.getByRole('button', { name: 'Trust this pickle and build…' }));
  await waitFor(() => expect(document.querySelector('.jp-Dialog')).not.toBeNull());
  expect(nbship.api.callsOf('POST /jobs/package')).toHaveLength(0);
  document.querySelector<HTMLElement>('.jp-Dialog .jp-mod-warn')!.click();
  await waitFor(() => expect(nbship.api.callsOf('POST /jobs/package')).toHaveLength(1));
  expect(nbship.api.callsOf('POST /jobs/package')[0].body).toEqual({
    run: 'r1',
    label: 'late-flights',
    options: { name: 'late', trust_pickle: true }
  });
});

it('says that a cancelled job left nothing', async () => {
  shown({ ...JOB, state: 'cancelled', exit_code: 130 }, { ...TOLD, places: [], smoke: '' });
  expect(await screen.findByText('It was cancelled; nothing of it is left.')).toBeInTheDocument();
  expect(screen.getByRole('button', { name: 'Try again…' })).toBeEnabled();
});

it('opens a service that was served', async () => {
  const service = { name: 'late', endpoint: 'http://127.0.0.1:8080', reason: '' };
  const { nbship } = shown({ ...JOB, kind: 'serve' }, TOLD, service);
  fireEvent.click(await screen.findByRole('button', { name: 'Ask it' }));
  expect(nbship.activated).toContain('service');
});
