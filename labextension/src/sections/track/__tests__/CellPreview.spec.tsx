import type { Cell } from '@jupyterlab/cells';
import { NotebookModel, type NotebookPanel } from '@jupyterlab/notebook';
import { Signal } from '@lumino/signaling';
import { act, screen } from '@testing-library/react';
import * as React from 'react';

import { fakeNbship, renderWith, type Answers } from '../../../__tests__/fake';
import { TrackCommandIDs } from '../../../tracking/commands';
import { NotebookTracking } from '../../../tracking/notebook';
import { FakeKernel, fakePanel } from '../../../tracking/__tests__/fake-kernel';
import { CellPreview } from '../CellPreview';

// The shared model reads cells before they are part of a document, and Yjs says so each time.
beforeAll(() => void jest.spyOn(console, 'warn').mockImplementation());

const SEEN = {
  tracked: false,
  problem: '',
  parameters: [
    { name: 'alpha', value: '0.1', cell: 0 },
    { name: 'token', value: '***', cell: null }
  ],
  reads: ['table'],
  unset: ['target'],
  files: [],
  writes: ['model'],
  metrics: ['rmse'],
  model: 'model',
  trained_on: 'table',
  needed: [0, 1],
  secrets: 1,
  secret_lines: [2]
};

function shown(sources: string[], answers: Answers, active = sources.length - 1) {
  const notebook = new NotebookModel();
  sources.forEach((source, index) =>
    notebook.sharedModel.insertCell(index, {
      cell_type: source.startsWith('#') ? 'markdown' : 'code',
      source,
      metadata: index === 0 ? { tags: ['parameters'] } : {}
    })
  );
  const fake = fakePanel(new FakeKernel(() => null));
  const modelContentChanged = new Signal<object, void>({});
  Object.assign(fake.panel, {
    content: {
      model: notebook,
      activeCellIndex: active,
      activeCell: { model: notebook.cells.get(active), isDisposed: false } as unknown as Cell,
      activeCellChanged: new Signal<object, void>({}),
      modelContentChanged
    }
  });
  const nbship = fakeNbship({ answers });
  const tracking = new NotebookTracking(fake.panel as NotebookPanel);
  const { visibility } = renderWith(nbship, <CellPreview panel={fake.panel} tracking={tracking} />);
  return { nbship, notebook, visibility, changed: () => modelContentChanged.emit() };
}

describe('CellPreview', () => {
  it('shows what tracking the active cell records', async () => {
    const { nbship } = shown(['alpha = 0.1', '# Title', 'table = f()', 'fit(table)'], {
      'POST /capture/preview': SEEN
    });
    expect(await screen.findByText('alpha')).toHaveTextContent('alpha = 0.1');
    expect(screen.getByText('token')).toHaveTextContent('***');
    expect(screen.getByText('1 secret, in line 2')).toBeInTheDocument();
    expect(screen.getByText('on 2 cells above')).toBeInTheDocument();
    expect(nbship.api.callsOf('POST /capture/preview')[0].body).toEqual({
      source: 'fit(table)',
      tags: [],
      earlier: [
        { source: 'alpha = 0.1', tags: ['parameters'] },
        { source: 'table = f()', tags: [] }
      ]
    });
  });

  it('asks again only when a source changes, some time after, and never while hidden', async () => {
    const { nbship, notebook, visibility, changed } = shown(['a = 1', 'b = a'], {
      'POST /capture/preview': SEEN
    });
    await screen.findByText('alpha');
    const asked = () => nbship.api.callsOf('POST /capture/preview').length;
    const later = () => act(() => new Promise(resolve => setTimeout(resolve, 500)));
    changed();
    await later();
    expect(asked()).toBe(1);
    notebook.cells.get(1).sharedModel.setSource('b = a + 1');
    changed();
    changed();
    await later();
    expect(asked()).toBe(2);
    act(() => void (visibility.visible = false));
    notebook.cells.get(1).sharedModel.setSource('b = a + 2');
    changed();
    await later();
    expect(asked()).toBe(2);
  });

  it('says why a cell cannot be tracked', async () => {
    shown(['%%bash\nls'], { 'POST /capture/preview': { ...SEEN, problem: 'it is %%bash' } });
    expect(await screen.findByText(/This is a %%bash cell/)).toBeInTheDocument();
    expect(screen.queryByRole('button', { name: 'Track this cell' })).toBeNull();
  });

  it('says plainly when a cell does not parse', async () => {
    shown(['x = ='], {
      'POST /capture/preview': { ...SEEN, problem: 'it does not parse in line 1' }
    });
    expect(await screen.findByText(/it does not parse in line 1/)).toBeInTheDocument();
  });

  it('offers a cell that loads nbship where none does', async () => {
    const { nbship } = shown(['%%track\nx = 1'], { 'POST /capture/preview': SEEN });
    const added = jest.fn();
    nbship.commands.addCommand(TrackCommandIDs.insertLoad, { execute: added });
    act(() => screen.getByRole('button', { name: /Add a first cell/ }).click());
    expect(added).toHaveBeenCalled();
    expect(screen.getByRole('button', { name: 'Do not track this cell' })).toBeInTheDocument();
    await screen.findByText('alpha');
  });

  it('offers nothing more where a cell does', async () => {
    shown(['%load_ext nbship', '%%track\nx = 1'], { 'POST /capture/preview': SEEN });
    await screen.findByText('alpha');
    expect(screen.queryByRole('button', { name: /Add a first cell/ })).toBeNull();
  });
});
