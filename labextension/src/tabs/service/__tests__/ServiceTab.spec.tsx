import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import { ReadingBook } from '../../../shipping/rates';
import ServiceTab from '../ServiceTab';

const SERVICE = {
  name: 'late',
  kind: 'process',
  endpoint: 'http://127.0.0.1:8080',
  state: 'ready',
  run_id: 'r1',
  run_name: 'late-flights',
  model: 'late',
  model_version: '2',
  model_digest: '',
  reason: '',
  container_id: '',
  image: '',
  pid: 7,
  started_ms: 1,
  ready_seconds: 1,
  log_folder: '/p/.nbship/predictions/late',
  snippets: null,
  method: 'predict'
};

const READING = {
  at_ms: 1000,
  requests: 5,
  errors: 1,
  refused: 2,
  in_flight: 0,
  latencies: { bounds: [0.1], counts: [5, 0], seconds: 0.1 },
  p50_seconds: 0.05,
  p99_seconds: 0.09,
  uptime_seconds: 61,
  memory_bytes: 150_000_000,
  cpu_seconds: 1,
  predictions: { '<b>no</b>': 4, yes: 1 },
  dropped: 0,
  problem: '',
  drift: {
    service: 'late',
    rows: 300,
    columns: [{ name: 'size', distances: { jensen_shannon: 0.4, psi: 1.2 }, missing: 0.5 }],
    prediction: {},
    problem: ''
  }
};

const FORM = {
  columns: [
    {
      name: 'size',
      type: 'number',
      required: true,
      nullable: false,
      example: 1.5,
      minimum: null,
      maximum: null
    },
    {
      name: 'carrier',
      type: 'string',
      required: true,
      nullable: true,
      example: 'UA',
      minimum: null,
      maximum: null
    }
  ],
  example: { dataframe_records: [{ size: 1.5, carrier: 'UA' }] },
  snippets: { curl: 'curl -s here', python: 'import json' },
  description: ''
};

function shown(answers: Answers = {}) {
  const nbship = fakeNbship({
    path: 'a.ipynb',
    answers: {
      'GET /services/{name}': {
        service: SERVICE,
        reading: READING,
        standing: { size: 'far' },
        far: 0.1,
        least_rows: 200
      },
      'GET /services/{name}/form': { form: FORM },
      'GET /services/{name}/log': { log: 'serving' },
      'POST /services/{name}/snippets': { curl: 'curl -s asked', python: 'import json' },
      ...answers
    }
  });
  return { nbship, ...renderWith(nbship, <ServiceTab name="late" book={new ReadingBook()} />) };
}

it('asks by a form and shows the predictions in it', async () => {
  const { nbship } = shown({
    'POST /services/{name}/invoke': {
      status: 200,
      seconds: 0.032,
      answer: { predictions: [true, 0.25] }
    }
  });
  fireEvent.change(await screen.findByLabelText('size'), { target: { value: '18.5' } });
  fireEvent.click(screen.getByRole('button', { name: 'Add a row' }));
  fireEvent.change(screen.getByLabelText('size, row 2'), { target: { value: '3' } });
  fireEvent.click(screen.getByRole('button', { name: 'carrier, row 2 is null' }));
  fireEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('status 200, in 32 ms')).toBeInTheDocument();
  const [call] = nbship.api.callsOf('POST /services/{name}/invoke');
  expect(call.body).toEqual({
    rows: [
      { size: 18.5, carrier: 'UA' },
      { size: 3, carrier: null }
    ]
  });
  expect(call.query).toEqual({ path: 'a.ipynb' });
  expect(screen.getByText('true')).toBeInTheDocument();
  expect(screen.getByText('0.25')).toBeInTheDocument();
  expect(await screen.findByText('curl -s asked')).toBeInTheDocument();
});

it('sends nothing that is no value, and shows what the server refuses at its field', async () => {
  const { nbship } = shown({
    'POST /services/{name}/invoke': {
      status: 400,
      seconds: 0.001,
      answer: {
        message: "row 0, column 'carrier': it is not known",
        problems: [{ reason: 'model', message: 'it is not known', row: 0, column: 'carrier' }]
      }
    }
  });
  const size = await screen.findByLabelText('size');
  fireEvent.change(size, { target: { value: 'wide' } });
  fireEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('A number is needed.')).toBeInTheDocument();
  expect(size).toHaveAttribute('aria-invalid', 'true');
  expect(nbship.api.callsOf('POST /services/{name}/invoke')).toHaveLength(0);
  fireEvent.change(size, { target: { value: '2' } });
  fireEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('it is not known')).toBeInTheDocument();
  expect(screen.getByLabelText('carrier')).toHaveAttribute('aria-invalid', 'true');
});

it('asks with JSON too', async () => {
  const { nbship } = shown({
    'POST /services/{name}/invoke': { status: 200, seconds: 1, answer: { predictions: ['<b>'] } }
  });
  fireEvent.click(await screen.findByRole('radio', { name: 'JSON' }));
  const text = screen.getByLabelText('The request as JSON');
  fireEvent.change(text, { target: { value: '{"inputs": [1' } });
  fireEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText(/This is no JSON object/)).toBeInTheDocument();
  fireEvent.change(text, { target: { value: '{"inputs": [1]}' } });
  fireEvent.click(screen.getByRole('button', { name: 'Send' }));
  expect(await screen.findByText('<b>')).toBeInTheDocument();
  expect(nbship.api.callsOf('POST /services/{name}/invoke')[0].body).toEqual({
    body: { inputs: [1] }
  });
});

it('shows load, answers and drift in words', async () => {
  shown();
  fireEvent.click(await screen.findByRole('tab', { name: 'Load' }));
  const since = screen.getByRole('table', { name: 'Since it was started' });
  expect(within(since).getByText('50 ms')).toBeInTheDocument();
  expect(screen.getByText('<b>no</b>')).toBeInTheDocument();
  fireEvent.click(screen.getByRole('tab', { name: /Drift/ }));
  expect(screen.getByText('far')).toBeInTheDocument();
  expect(screen.getByText('50%')).toBeInTheDocument();
  fireEvent.click(screen.getByRole('tab', { name: 'Server log' }));
  expect(await screen.findByText('serving')).toBeInTheDocument();
});

it('says that a service died and offers to serve it again', async () => {
  shown({
    'GET /services/{name}': {
      service: { ...SERVICE, state: 'failed', reason: 'it ended by itself: killed' },
      reading: null,
      standing: {},
      far: 0.1,
      least_rows: 200
    }
  });
  const alert = await screen.findByRole('alert');
  expect(alert).toHaveTextContent('it ended by itself: killed');
  expect(within(alert).getByRole('button', { name: 'Serve it again…' })).toBeEnabled();
  expect(screen.getByRole('button', { name: 'Remove' })).toBeEnabled();
  expect(screen.getByText('It can be asked when it is ready.')).toBeInTheDocument();
});

it('keeps what was known of a service that was stopped meanwhile', async () => {
  let gone = false;
  const { nbship } = shown({
    'GET /services/{name}': () => {
      if (gone) {
        throw apiError({ status: 404, code: 'service_not_found', message: 'nothing is served' });
      }
      return { service: SERVICE, reading: READING, standing: {}, far: 0.1, least_rows: 200 };
    }
  });
  await screen.findByLabelText('size');
  gone = true;
  act(() => nbship.refresh());
  expect(await screen.findByText(/It was stopped/)).toBeInTheDocument();
  await waitFor(() => expect(screen.getByRole('button', { name: 'Send' })).toBeDisabled());
});

it('says what to do when nothing is served under the name', async () => {
  shown({
    'GET /services/{name}': () => {
      throw apiError({ status: 404, code: 'service_not_found', message: 'nothing is served' });
    }
  });
  expect(await screen.findByText('late is not served')).toBeInTheDocument();
});
