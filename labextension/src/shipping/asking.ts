/** What is written into the form of a served model, as the rows that its server takes. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../api/operations';
import { fieldText, parseField, type FieldText } from '../components';

export type FormColumn = Schemas['FormColumn'];

/** What stands in the fields of a row, by column; null where null is sent. */
export type RowTexts = Readonly<Record<string, FieldText>>;

export type Row = Record<string, unknown>;

/** What is wrong with a value of a row. */
export interface IProblem {
  row: number | null;
  column: string | null;
  message: string;
}

/** Return a row with the example of each column. */
export function exampleRow(columns: readonly FormColumn[]): RowTexts {
  return Object.fromEntries(columns.map(column => [column.name, fieldText(column.example)]));
}

/** Read the fields of a form: rows as JSON, and what is wrong with them here already. */
export function readRows(
  rows: readonly RowTexts[],
  columns: readonly FormColumn[],
  trans: TranslationBundle
): { rows: Row[]; problems: IProblem[] } {
  const problems: IProblem[] = [];
  const read = rows.map((texts, row) => {
    const values: Row = {};
    for (const column of columns) {
      const text = texts[column.name] ?? null;
      if (text === '' && !column.required) {
        continue;
      }
      const parsed = readValue(column, text, trans);
      if ('error' in parsed) {
        problems.push({ row, column: column.name, message: parsed.error });
      } else {
        values[column.name] = parsed.value;
      }
    }
    return values;
  });
  return { rows: read, problems };
}

function readValue(column: FormColumn, text: FieldText, trans: TranslationBundle) {
  const isText = TEXTS.includes(column.type);
  if (text === null || (text === '' && column.nullable && !isText)) {
    // What the model does not take it refuses itself, in better words.
    return { value: null };
  }
  const limits = { minimum: column.minimum ?? undefined, maximum: column.maximum ?? undefined };
  return parseField(
    { kind: KINDS[column.type] ?? 'any', schema: limits, secret: false },
    text,
    trans
  );
}

const TEXTS = ['string', 'datetime', 'binary'];

const KINDS: Record<string, string> = {
  boolean: 'bool',
  integer: 'int',
  number: 'float',
  string: 'str',
  datetime: 'str',
  binary: 'str'
};

/** Return the problems that a server found, from its answer; none where it did not say. */
export function problemsOf(answer: unknown): { message: string; problems: IProblem[] } {
  const told = (answer ?? {}) as { message?: unknown; problems?: unknown };
  const problems = Array.isArray(told.problems) ? (told.problems as Partial<IProblem>[]) : [];
  return {
    message: typeof told.message === 'string' ? told.message : text(answer),
    problems: problems.map(problem => ({
      row: problem.row ?? null,
      column: problem.column ?? null,
      message: problem.message ?? ''
    }))
  };
}

/** Return what is wrong with one value: by row and column, or of all rows. */
export function problemAt(problems: readonly IProblem[], row: number, column: string): string {
  return problems
    .filter(each => each.column === column && (each.row === null || each.row === row))
    .map(each => each.message)
    .join(' ');
}

/** Return the predictions of an answer, one a row; null where it has another form. */
export function predictionsOf(answer: unknown): unknown[] | null {
  const { predictions } = (answer ?? {}) as { predictions?: unknown };
  return Array.isArray(predictions) ? predictions : null;
}

function text(answer: unknown): string {
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}
