import { act, fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import type { JobJson } from '../../../core/jobs';
import { StepTarget } from '../../../pipelines/target';
import PipelinesSection from '../PipelinesSection';
import { gridOf, isRange, splitValues } from '../sweep-values';

const RATE = {
  name: 'rate',
  type: 'float',
  kind: 'float',
  default: 0.1,
  default_source: '0.1',
  required: false,
  help: 'how fast',
  annotation: 'float',
  inferred: false,
  secret: false,
  cell: 0,
  line: 1,
  schema: { type: 'number' }
};
const FOUND = { file: 'a.ipynb', tagged: true, parameters: [RATE], proposal: null, reason: '' };
const PLAIN = {
  file: 'a.ipynb',
  tagged: false,
  parameters: [],
  proposal: { names: ['rate'], cell_source: 'rate = 1', diff: 'new cell 1\n+rate = 1' },
  reason: ''
};
const PIPELINE = {
  file: 'f/pipeline.toml',
  name: 'flights',
  kind: 'toml',
  steps: ['a', 'b'],
  problem: ''
};

function job(more: Partial<JobJson> = {}): JobJson {
  return {
    id: 'a1',
    kind: 'step',
    title: 'a',
    command: 'nbship run a.ipynb',
    path: 'a.ipynb',
    state: 'completed',
    started: '2026-11-21T10:00:00Z',
    seconds: 5,
    progress: null,
    message: '',
    exit_code: 0,
    ...more
  };
}

function show(answers: Answers = {}, path: string | null = 'a.ipynb') {
  const nbship = fakeNbship({
    path,
    answers: {
      'GET /notebooks/parameters': FOUND,
      'GET /pipelines': { pipelines: [PIPELINE], complete: true },
      ...answers
    }
  });
  nbship.tabs.register('job', { title: () => 'x', render: () => <p /> });
  nbship.tabs.register('pipeline', { title: () => 'x', render: () => <p /> });
  const target = new StepTarget(nbship.active);
  renderWith(nbship, <PipelinesSection target={target} />);
  return { nbship, target };
}

async function press(button: HTMLElement): Promise<void> {
  await act(async () => button.click());
}

describe('a notebook as a step', () => {
  it('runs with what was changed, and opens the job', async () => {
    const { nbship } = show({ 'POST /jobs/step': job({ state: 'running' }) });
    fireEvent.change(await screen.findByLabelText('rate'), { target: { value: '0.5' } });
    await act(async () => screen.getByRole('button', { name: 'Run as step' }).click());
    expect(nbship.api.callsOf('POST /jobs/step')[0].body).toEqual({
      notebook: 'a.ipynb',
      parameters: { rate: 0.5 },
      secrets: {}
    });
    expect(nbship.areas.main).toHaveLength(1);
  });

  it('shows what the service refuses at the parameter that it is about', async () => {
    const message = "'rate' takes float, got 'x'";
    const refuse = () => {
      throw apiError({ message });
    };
    show({ 'POST /jobs/step': refuse });
    await screen.findByLabelText('rate');
    await act(async () => screen.getByRole('button', { name: 'Run as step' }).click());
    expect(screen.getByLabelText('rate')).toHaveAccessibleDescription(new RegExp(message));
  });

  it('is not started while a value is wrong', async () => {
    show();
    fireEvent.change(await screen.findByLabelText('rate'), { target: { value: 'fast' } });
    expect(screen.getByRole('button', { name: 'Run as step' })).toBeDisabled();
  });

  it('gets the parameters cell that was shown before', async () => {
    let written = false;
    const convert = () => (written = true) && FOUND;
    const { nbship } = show({
      'GET /notebooks/parameters': () => (written ? FOUND : PLAIN),
      'POST /notebooks/convert': convert
    });
    await press(await screen.findByRole('button', { name: /Add a parameters cell/ }));
    expect(screen.getByText(/\+rate = 1/)).toBeInTheDocument();
    expect(nbship.api.callsOf('POST /notebooks/convert')).toHaveLength(0);
    await act(async () => screen.getByRole('button', { name: 'Write it' }).click());
    expect(await screen.findByLabelText('rate')).toBeInTheDocument();
  });

  it('shows another notebook that was asked for, with the values that were given', async () => {
    const { nbship, target } = show();
    await screen.findByLabelText('rate');
    act(() => target.ask('b.ipynb', { rate: '0.7' }));
    await waitFor(() => expect(screen.getByLabelText('rate')).toHaveValue('0.7'));
    expect(nbship.api.callsOf('GET /notebooks/parameters')[1].query).toEqual({ file: 'b.ipynb' });
    act(() => screen.getByRole('button', { name: 'Back to the active notebook' }).click());
    expect(await screen.findByText('a.ipynb')).toBeInTheDocument();
  });

  it('teaches what to do when no notebook is open', () => {
    show({}, null);
    expect(screen.getByText('No notebook is open')).toBeInTheDocument();
  });
});

describe('a sweep', () => {
  it('shows its points before it runs them', async () => {
    const points = { points: [{ rate: 0.1 }, { rate: 0.2 }], total: 2 };
    const { nbship } = show({
      'POST /sweeps/points': points,
      'POST /jobs/sweep': job({ kind: 'sweep' })
    });
    await press(await screen.findByRole('button', { name: 'Sweep…' }));
    fireEvent.change(screen.getByLabelText('rate'), { target: { value: '0.1, 0.2' } });
    const run = await screen.findByRole('button', { name: 'Run 2 points' });
    expect(screen.getByRole('row', { name: '0.2' })).toBeInTheDocument();
    await act(async () => run.click());
    expect(nbship.api.callsOf('POST /jobs/sweep')[0].body).toMatchObject({
      notebook: 'a.ipynb',
      grid: { rate: ['0.1', '0.2'] },
      maximize: true
    });
  });

  it('splits values at commas, but not within lists', () => {
    expect(splitValues('[1,2], [3] ,"a,b",')).toEqual(['[1,2]', '[3]', '"a,b"']);
    expect(['log:1e-4..1e-1', '0.5..0.9', '1,2', '..'].map(isRange)).toEqual([
      true,
      true,
      false,
      false
    ]);
    expect(gridOf({ a: '1, 2', b: '2..5', c: ' ' })).toEqual({ a: ['1', '2'], b: '2..5' });
  });
});

describe('the lists', () => {
  it('run a pipeline, and open it', async () => {
    const { nbship } = show({ 'POST /jobs/pipeline': job({ kind: 'pipeline' }) });
    await press(await screen.findByRole('button', { name: 'Run flights' }));
    expect(nbship.api.callsOf('POST /jobs/pipeline')[0].body).toEqual({ file: 'f/pipeline.toml' });
    act(() => screen.getByRole('button', { name: /flights.*2 steps/ }).click());
    expect(nbship.areas.main).toHaveLength(2);
  });

  it('show running jobs first, which can be cancelled; the others can be removed', async () => {
    const jobs = [
      job({ id: 'a3', title: 'old' }),
      job({ id: 'a2', title: 'busy', state: 'running' }),
      job({ id: 'a1', title: 'drift', kind: 'drift' })
    ];
    const { nbship } = show({
      'GET /jobs': { jobs },
      'POST /jobs/{job}/cancel': jobs[1],
      'DELETE /jobs/{job}': { jobs: [] }
    });
    const cancel = await screen.findByRole('button', { name: 'Cancel busy' });
    const titles = [...document.querySelectorAll('.jp-nbship-Item-name')].map(
      each => each.textContent
    );
    expect(titles).toEqual(['flights', 'busy', 'old']);
    await act(async () => cancel.click());
    expect(nbship.api.callsOf('POST /jobs/{job}/cancel')[0].path).toEqual({ job: 'a2' });
    await act(async () => screen.getByRole('button', { name: /Remove old/ }).click());
    expect(nbship.api.callsOf('DELETE /jobs/{job}')[0].path).toEqual({ job: 'a3' });
  });

  it('teach what a pipeline is where there is none', async () => {
    show({ 'GET /pipelines': { pipelines: [], complete: true } });
    expect(await screen.findByText(/pipeline\.toml/)).toBeInTheDocument();
  });

  it('say why a listing failed, and try again', async () => {
    const refuse = () => {
      throw apiError({ message: 'The folder is gone.' });
    };
    const { nbship } = show({ 'GET /pipelines': refuse });
    expect(await screen.findByText('The folder is gone.')).toBeInTheDocument();
    await act(async () => screen.getByRole('button', { name: 'Try again' }).click());
    expect(nbship.api.callsOf('GET /pipelines')).toHaveLength(2);
  });
});
