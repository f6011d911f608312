import type { INotebookContent } from '@jupyterlab/nbformat';
import { ContentsManager } from '@jupyterlab/services';

import { fileName, runNotebookPath, runOf, RunsDrive } from '../tabs/run/runs-drive';
import { apiError, fakeNbship } from './fake';

const RUN = 'a'.repeat(32);
const NOTEBOOK = {
  cells: [
    { cell_type: 'code', source: '1', metadata: { trusted: true, tags: ['x'] }, outputs: [] },
    { cell_type: 'markdown', source: '# hi', metadata: {} }
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5
};

function driveWith(answer: unknown = NOTEBOOK) {
  const nbship = fakeNbship({
    answers: { 'GET /runs/{run}/notebook': () => answer, 'GET /none': {} }
  });
  const contents = {
    get: jest.fn(async (path: string) => ({ path, type: 'notebook' })),
    save: jest.fn(async (path: string) => ({ path, type: 'notebook' })),
    delete: jest.fn(async () => undefined),
    getDownloadUrl: jest.fn(async (path: string) => `/files/${path}`),
    serverSettings: {}
  };
  const drive = new RunsDrive({
    api: nbship.api,
    trans: nbship.trans,
    contents: contents as unknown as RunsDrive.IOptions['contents']
  });
  return { drive, contents, api: nbship.api };
}

describe('RunsDrive', () => {
  it('gives the executed notebook of a run as a file that can only be read', async () => {
    const { drive } = driveWith();
    const model = await drive.get(`${RUN}/fit.ipynb`);
    expect(model).toMatchObject({
      name: 'fit.ipynb',
      path: `${RUN}/fit.ipynb`,
      type: 'notebook',
      format: 'json',
      writable: false
    });
    expect((model.content as INotebookContent).cells).toHaveLength(2);
  });

  it('trusts no cell, whatever the notebook claims, and keeps the rest of its metadata', async () => {
    const { drive } = driveWith();
    const { content } = await drive.get(`${RUN}/fit.ipynb`);
    const [code, text] = (content as INotebookContent).cells;
    expect(code.metadata).toEqual({ trusted: false, tags: ['x'] });
    expect(text.metadata).toEqual({ trusted: false });
    expect(NOTEBOOK.cells[0].metadata.trusted).toBe(true);
  });

  it('asks the server once for a notebook that is opened, and again when it is opened again', async () => {
    const { drive, api } = driveWith();
    const path = `${RUN}/fit.ipynb`;
    expect((await drive.get(path, { content: false })).content).toBeNull();
    await drive.get(path, { content: true });
    expect(api.callsOf('GET /runs/{run}/notebook')).toHaveLength(1);
    await drive.get(path);
    expect(api.callsOf('GET /runs/{run}/notebook')).toHaveLength(2);
  });

  it('says what the server says, and asks again after that', async () => {
    const { drive, api } = driveWith();
    api.answers['GET /runs/{run}/notebook'] = () => {
      throw apiError({ status: 404, code: 'run_not_found', message: 'It is gone.' });
    };
    await expect(drive.get(`${RUN}/fit.ipynb`)).rejects.toThrow('It is gone.');
    api.answers['GET /runs/{run}/notebook'] = NOTEBOOK;
    await expect(drive.get(`${RUN}/fit.ipynb`)).resolves.toMatchObject({ writable: false });
  });

  it('refuses to change the notebook of a run', async () => {
    const { drive, contents } = driveWith();
    const path = `${RUN}/fit.ipynb`;
    for (const attempt of [
      drive.save(path),
      drive.delete(path),
      drive.rename(),
      drive.copy(),
      drive.newUntitled(),
      drive.createCheckpoint(),
      drive.restoreCheckpoint(),
      drive.deleteCheckpoint()
    ]) {
      await expect(attempt).rejects.toThrow('cannot be changed');
    }
    expect(contents.save).not.toHaveBeenCalled();
    expect(await drive.listCheckpoints()).toEqual([]);
  });

  it('saves under any other path as a file of the server', async () => {
    const { drive, contents } = driveWith();
    await drive.save('copies/mine.ipynb', { type: 'notebook' });
    expect(contents.save).toHaveBeenCalledWith('copies/mine.ipynb', {
      type: 'notebook',
      path: 'copies/mine.ipynb'
    });
    await drive.get('copies/mine.ipynb', { content: false });
    expect(contents.get).toHaveBeenCalledWith('copies/mine.ipynb', { content: false });
    expect(await drive.getDownloadUrl('copies/mine.ipynb')).toBe('/files/copies/mine.ipynb');
  });

  it('is downloaded from the server extension', async () => {
    const { drive } = driveWith();
    expect(await drive.getDownloadUrl(`${RUN}/fit.ipynb`)).toContain(`nbship/runs/${RUN}/notebook`);
  });

  it('works as a drive of Lab, and lets go of everything', async () => {
    const { drive } = driveWith();
    const manager = new ContentsManager({ defaultDrive: undefined });
    manager.addDrive(drive);
    const path = runNotebookPath(RUN, 'fit');
    expect(manager.driveName(path)).toBe('nbship');
    const model = await manager.get(path);
    expect(model).toMatchObject({ path, writable: false });
    await expect(manager.save(path, {})).rejects.toThrow('cannot be changed');
    drive.dispose();
    expect(drive.isDisposed).toBe(true);
    manager.dispose();
  });
});

it.each([
  ['fit', 'fit.ipynb'],
  ['', 'run.ipynb'],
  ['../../etc/x', '-..-etc-x.ipynb'],
  ['lr=0.1 max_iter=2', 'lr=0.1 max_iter=2.ipynb'],
  ['<img src=x onerror=alert(1)>', '-img src=x onerror=alert(1)-.ipynb'],
  ['a:b\u0000c', 'a-b-c.ipynb'],
  ['ünïcode שלום', 'ünïcode שלום.ipynb'],
  ['x'.repeat(300), `${'x'.repeat(100)}.ipynb`]
])('names the file of run %j', (name, file) => {
  expect(fileName(name)).toBe(file);
});

it.each([
  [`${RUN}/fit.ipynb`, RUN],
  [`/${RUN}/fit.ipynb`, RUN],
  [`${RUN}`, null],
  [`${RUN}/deep/fit.ipynb`, null],
  [`${RUN}/fit.txt`, null],
  ['project/fit.ipynb', null],
  ['../secret.ipynb', null]
])('knows which run %j means', (path, run) => {
  expect(runOf(path)).toBe(run);
});
