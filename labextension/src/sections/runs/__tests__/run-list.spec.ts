import { apiError, fakeNbship, type IFakeNbship } from '../../../__tests__/fake';
import { OWN_ID, RunList } from '../run-list';
import { answersOf, run, runs, settled, type IStore } from './answers';

let store: IStore;
let nbship: IFakeNbship;
let list: RunList;

function make(given: Partial<IStore> = {}, path: string | null = 'a.ipynb'): void {
  store = { runs: runs(250), arriving: [], ...given };
  nbship = fakeNbship({ path, answers: answersOf(store) });
  list = new RunList(nbship);
}

async function loaded(): Promise<void> {
  list.refresh();
  await settled();
}

const offsets = () => nbship.api.callsOf('GET /runs').map(call => call.query?.offset);
const ids = (first: number, last: number) =>
  Array.from({ length: last - first }, (_, at) => list.row(first + at)?.run.id);

afterEach(() => list.dispose());

describe('RunList', () => {
  it('knows how many runs there are from the first page, and loads others when they are needed', async () => {
    make();
    await loaded();
    expect([list.count, list.total]).toEqual([250, 250]);
    expect(ids(99, 101)).toEqual(['99', undefined]);
    list.need(90, 120);
    list.need(95, 130);
    await settled();
    expect(ids(99, 101)).toEqual(['99', '100']);
    expect(offsets()).toEqual([0, 100]);
  });

  it('goes on page by page where the store cannot tell how many there are', async () => {
    make({ total: null });
    await loaded();
    expect([list.count, list.total]).toEqual([101, null]);
    list.need(80, 100);
    await settled();
    list.need(180, 200);
    await settled();
    expect([list.count, list.row(249)?.run.id]).toEqual([250, '249']);
  });

  it('shows a run that the store does not know yet above all others, and never twice', async () => {
    make({ arriving: [run('own', { name: 'fresh' })] });
    await loaded();
    expect([list.count, list.total]).toEqual([251, 251]);
    expect(list.row(0)).toMatchObject({ arriving: true, run: { name: 'fresh' } });
    expect(list.row(100)?.run.id).toBe('99');
    store.runs = [run('stored', { tags: { [OWN_ID]: 'own' } }), ...store.runs];
    await loaded();
    expect(ids(0, 2)).toEqual(['stored', '0']);
    expect(list.count).toBe(251);
  });

  it('does not select what the store does not know yet', async () => {
    make({ arriving: [run('own')] });
    await loaded();
    list.select(['own', '3']);
    expect([...list.selection]).toEqual(['3']);
    expect(list.selected.map(each => each.name)).toEqual(['run 3']);
  });

  it('loads again what can be seen, and forgets the rest', async () => {
    make();
    await loaded();
    list.need(100, 140);
    await settled();
    list.look(110, 140);
    store.runs = [run('new'), ...store.runs];
    await loaded();
    expect(offsets()).toEqual([0, 100, 100]);
    expect(ids(99, 101)).toEqual([undefined, '99']);
    expect([list.count, list.version]).toEqual([251, 1]);
  });

  it('keeps its rows and says why when the store does not answer', async () => {
    make();
    await loaded();
    nbship.api.answers['GET /runs'] = () => {
      throw apiError({ status: 502, code: 'store', message: 'The store is down.' });
    };
    store.arriving = [run('own')];
    await loaded();
    expect(list.error?.message).toBe('The store is down.');
    expect([list.count, list.row(0)?.run.id, list.row(1)?.run.id]).toEqual([251, 'own', '0']);
    nbship.api.answers['GET /runs'] = answersOf(store)['GET /runs'];
    await loaded();
    expect(list.error).toBeNull();
  });

  it('shows another list from its beginning, with nothing selected', async () => {
    make();
    await loaded();
    list.select(['1']);
    list.update({ text: ' forest ' });
    expect(list.row(1)?.run.id).toBe('1');
    await settled();
    expect([list.version, list.selection.size]).toEqual([2, 0]);
    expect(nbship.api.callsOf('GET /runs')[1].query).toMatchObject({ query: 'forest', offset: 0 });
  });

  it('keeps what is selected when only the order is another one', async () => {
    make();
    await loaded();
    list.select(['1']);
    list.update({ sort: '-metrics.auc' });
    await settled();
    expect([list.version, list.selection.size, list.metric]).toEqual([2, 1, 'auc']);
    list.update({ sort: 'name' });
    expect(list.metric).toBe('auc');
  });

  it('drops the answer to an older question', async () => {
    make();
    await loaded();
    let late: (value: unknown) => void = () => undefined;
    const answers = nbship.api.answers;
    const prompt = answers['GET /runs'];
    answers['GET /runs'] = () => new Promise(resolve => (late = resolve));
    list.update({ text: 'a' });
    await settled();
    answers['GET /runs'] = prompt;
    store.runs = [run('b')];
    list.update({ text: 'b' });
    await settled();
    late({ runs: [run('a')], more: false, tracking_uri: '', waiting: 0, total: 1, badges: {} });
    await settled();
    expect([list.count, list.row(0)?.run.id]).toEqual([1, 'b']);
  });

  it('asks for the runs of the notebook only where there is one', async () => {
    make({}, null);
    list.update({ notebook: true });
    await settled();
    expect(nbship.api.callsOf('GET /runs')[0].query).not.toHaveProperty('notebook');
    make({}, 'a.ipynb');
    list.update({ notebook: true });
    await settled();
    expect(nbship.api.callsOf('GET /runs/arriving')[0].query).toMatchObject({ notebook: true });
  });

  it('looks once more when it is asked to while it looks', async () => {
    make();
    list.refresh();
    list.refresh();
    list.refresh();
    await settled();
    await settled();
    expect(offsets()).toEqual([0, 0]);
  });

  it('begins anew in another project', async () => {
    make();
    await loaded();
    list.select(['1']);
    store.uri = 'sqlite:///b.db';
    await loaded();
    expect([list.version, list.selection.size, list.store]).toEqual([2, 0, 'sqlite:///b.db']);
  });

  it('shows the metric that most runs have', async () => {
    make({
      runs: [run('0', { metrics: { z: 1, auc: 0.5 } }), run('1', { metrics: { auc: 'NaN' } })]
    });
    await loaded();
    expect(list.metric).toBe('auc');
  });
});
