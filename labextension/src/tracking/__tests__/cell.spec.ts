import type { ICellModel } from '@jupyterlab/cells';
import { NotebookModel } from '@jupyterlab/notebook';

import { cellTracking, loadsExtension, toggleTrack } from '../cell';

// The shared model reads cells before they are part of a document, and Yjs says so each time.
beforeAll(() => void jest.spyOn(console, 'warn').mockImplementation());

function cell(source: string, cell_type: 'code' | 'markdown' = 'code'): ICellModel {
  const notebook = new NotebookModel();
  notebook.sharedModel.insertCell(0, { cell_type, source });
  return notebook.cells.get(0);
}

describe('toggleTrack', () => {
  it.each([
    ['x = 1', '%%track\nx = 1'],
    ['', '%%track\n'],
    ['%%time\nx = 1', '%%track\n%%time\nx = 1'],
    ['%%track\nx = 1', 'x = 1'],
    ['%%track run -p lr=0.1\nx = 1', 'x = 1'],
    ['\n  %%track\nx', '\n  x'],
    ['%%track', '']
  ])('makes of %j %j', (before, after) => {
    const model = cell(before);
    toggleTrack(model);
    expect(model.sharedModel.getSource()).toBe(after);
  });

  it('is undone in one step', () => {
    const model = cell('x = 1');
    model.sharedModel.clearUndoHistory();
    toggleTrack(model);
    model.sharedModel.undo();
    expect(model.sharedModel.getSource()).toBe('x = 1');
  });

  it.each([['%%bash\nls'], ['%%html\n<p>'], ['\n%%writefile a.py\nx']])('leaves %j', source => {
    const model = cell(source);
    expect(toggleTrack(model).kind).toBe('other-language');
    expect(model.sharedModel.getSource()).toBe(source);
  });

  it('leaves cells without code and those that cannot be edited', () => {
    expect(cellTracking(cell('x', 'markdown')).kind).toBe('no-code');
    expect(cellTracking(null).kind).toBe('no-code');
    const model = cell('x');
    model.setMetadata('editable', false);
    expect(toggleTrack(model).kind).toBe('read-only');
  });

  it('does not take a line for the magic that only begins like it', () => {
    expect(cellTracking(cell('%%tracker\nx')).kind).toBe('other-language');
    expect(cellTracking(cell('# %%track\nx')).kind).toBe('plain');
  });
});

describe('loadsExtension', () => {
  it.each([
    ['%load_ext nbship', true],
    ['import x\n%reload_ext nbship', true],
    ['# %load_ext nbship', false],
    ['%load_ext nbshipping', false]
  ])('tells of %j %s', (source, loads) => {
    expect(loadsExtension(['x', source])).toBe(loads);
  });
});
