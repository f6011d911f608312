import { fireEvent, screen, waitFor } from '@testing-library/react';
import * as React from 'react';

import { apiError, fakeNbship, renderWith, type Answers } from '../../__tests__/fake';
import { ShipForm } from '../ShipForm';
import type { IShipment } from '../ship';

const MODEL = { name: 'model', class_name: 'Pipeline', shippable: true, obstacle: '' };

function shown(preset: Partial<IShipment>, answers: Answers = {}) {
  const nbship = fakeNbship({
    path: 'ship.ipynb',
    answers: {
      'GET /runs/{run}/models': { models: [MODEL] },
      'GET /shipping/means': { means: { engine: '', engine_problem: 'none', base_image: '' } },
      'POST /shipping/serve/command': { command: 'nbship serve --detach r1' },
      'POST /shipping/package/command': { command: 'nbship package r1' },
      ...answers
    }
  });
  const told: (IShipment | null)[] = [];
  renderWith(nbship, <ShipForm preset={preset} onChange={shipment => told.push(shipment)} />);
  return { nbship, told };
}

it('has a sensible default and shows the command that does the same', async () => {
  const { told } = shown({ run: 'r1', label: 'late-flights' });
  expect(await screen.findByText('nbship serve --detach r1')).toBeInTheDocument();
  await waitFor(() =>
    expect(told[told.length - 1]).toEqual({
      kind: 'serve',
      run: 'r1',
      label: 'late-flights',
      options: {}
    })
  );
  fireEvent.click(screen.getByRole('radio', { name: /Build an image/ }));
  expect(await screen.findByText('nbship package r1')).toBeInTheDocument();
});

it('cannot be accepted while the server refuses an option', async () => {
  const { told } = shown(
    { run: 'r1', label: 'x', kind: 'package' },
    {
      'POST /shipping/package/command': call => {
        const { options } = call.body as { options: { push?: string } };
        if (options.push) {
          throw apiError({ message: 'That is no reference.' });
        }
        return { command: 'nbship package r1' };
      }
    }
  );
  await screen.findByText('nbship package r1');
  fireEvent.change(screen.getByLabelText('Push to'), { target: { value: 'a b' } });
  expect(await screen.findByText('That is no reference.')).toBeInTheDocument();
  expect(told[told.length - 1]).toBeNull();
});

it('says that a run has no model', async () => {
  const { told } = shown({ run: 'r1', label: 'x' }, { 'GET /runs/{run}/models': { models: [] } });
  expect(await screen.findByText('This run has no model.')).toBeInTheDocument();
  expect(told[told.length - 1]).toBeNull();
});

it('asks which of several models', async () => {
  const { told } = shown(
    { run: 'r1', label: 'x' },
    { 'GET /runs/{run}/models': { models: [MODEL, { ...MODEL, name: 'other' }] } }
  );
  fireEvent.change(await screen.findByLabelText('Model'), { target: { value: 'other' } });
  await waitFor(() => expect(told[told.length - 1]?.run).toBe('runs:/r1/other'));
});

it('takes the newest run of the active notebook first', async () => {
  const run = (id: string, notebook: string) => ({
    id,
    name: `run ${id}`,
    started: new Date().toISOString(),
    tags: { 'mlflow.source.name': notebook }
  });
  const { told } = shown(
    {},
    { 'GET /runs': { runs: [run('r1', 'a.ipynb'), run('r2', 'ship.ipynb')], more: false } }
  );
  await waitFor(() => expect(told[told.length - 1]?.run).toBe('r2'));
  expect(screen.getByLabelText('Run')).toHaveValue('r2');
});
