import { nullTranslator } from '@jupyterlab/translation';

import {
  exampleRow,
  predictionsOf,
  problemAt,
  problemsOf,
  readRows,
  type FormColumn
} from '../asking';
import { runCommand } from '../images';
import { formatLatency, formatRate } from '../words';

const trans = nullTranslator.load('nbship');

function column(name: string, type: string, more: Partial<FormColumn> = {}): FormColumn {
  return {
    name,
    type,
    required: true,
    nullable: false,
    example: null,
    minimum: null,
    maximum: null,
    ...more
  };
}

const COLUMNS = [
  column('size', 'number', { example: 1.5 }),
  column('count', 'integer', { minimum: 0, example: 2 }),
  column('late', 'boolean', { example: true }),
  column('carrier', 'string', { nullable: true, example: 'UA' }),
  column('note', 'string', { required: false })
];

it('reads fields by the types of their columns', () => {
  const row = exampleRow(COLUMNS);
  expect(readRows([{ ...row, note: '' }], COLUMNS, trans)).toEqual({
    rows: [{ size: 1.5, count: 2, late: true, carrier: 'UA' }],
    problems: []
  });
});

it('tells what is no value of its column', () => {
  const row = { size: 'x', count: '-1', late: 'maybe', carrier: null, note: '' };
  const { problems } = readRows([exampleRow(COLUMNS), row], COLUMNS, trans);
  expect(problems.map(each => [each.row, each.column])).toEqual([
    [1, 'size'],
    [1, 'count'],
    [1, 'late']
  ]);
});

it('sends null and the text null apart', () => {
  const only = [column('carrier', 'string', { nullable: true })];
  expect(readRows([{ carrier: null }, { carrier: 'null' }], only, trans).rows).toEqual([
    { carrier: null },
    { carrier: 'null' }
  ]);
});

it('finds what the server says of a value', () => {
  const answer = {
    message: '2 problems',
    problems: [
      { reason: 'type', message: 'a number is expected', row: 1, column: 'size' },
      { reason: 'missing_column', message: 'it is required', column: 'count' }
    ]
  };
  const { message, problems } = problemsOf(answer);
  expect(message).toBe('2 problems');
  expect(problemAt(problems, 1, 'size')).toBe('a number is expected');
  expect(problemAt(problems, 0, 'size')).toBe('');
  expect(problemAt(problems, 0, 'count')).toBe('it is required');
  expect(problemsOf('Bad gateway')).toEqual({ message: 'Bad gateway', problems: [] });
});

it('takes predictions of the form that is known only', () => {
  expect(predictionsOf({ predictions: [1, 2] })).toEqual([1, 2]);
  expect(predictionsOf('text')).toBeNull();
  expect(predictionsOf(null)).toBeNull();
});

it('writes rates and times', () => {
  expect(formatRate(null, 'en')).toBe('–');
  expect(formatRate(0, 'en')).toBe('0 /s');
  expect(formatRate(0.01, 'en')).toBe('< 0.1 /s');
  expect(formatRate(12.4, 'en')).toBe('12 /s');
  expect(formatLatency(0.0321, 'en')).toBe('32 ms');
  expect(formatLatency(1.24, 'en')).toBe('1.2 s');
});

it('runs an image from where it is', () => {
  const image = { reference: 'a:1', archive: '', pushed: '', loaded: true };
  const run = 'docker run --rm --read-only -p 8080:8080';
  expect(runCommand(image)).toBe(`${run} a:1`);
  expect(runCommand({ ...image, loaded: false, archive: "/it's/a.tar" })).toBe(
    `docker load -i '/it'"'"'s/a.tar' && ${run} a:1`
  );
  expect(runCommand({ ...image, pushed: 'r/a:1@sha256:1' })).toBe(`${run} r/a:1@sha256:1`);
});
