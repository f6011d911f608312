import { closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { IconButton, type FieldText } from '../../components';
import { useNbship } from '../../core/context';
import {
  predictionsOf,
  problemAt,
  type FormColumn,
  type IProblem,
  type RowTexts
} from '../../shipping/asking';
import { predictionText } from '../../shipping/words';

interface IProps {
  columns: readonly FormColumn[];
  rows: readonly RowTexts[];
  problems: readonly IProblem[];
  reply: Schemas['ServedAnswerJson'] | null;
  onChange: (rows: readonly RowTexts[]) => void;
}

/** The rows to ask for, side by side: a line for each column of the model, and the predictions below. */
export function AskTable(props: IProps): React.ReactElement {
  const { locale, trans } = useNbship();
  const { columns, rows, problems, reply, onChange } = props;
  const predictions = reply && reply.status < 400 ? predictionsOf(reply.answer) : null;
  const set = (row: number, column: string, text: FieldText) =>
    onChange(rows.map((texts, at) => (at === row ? { ...texts, [column]: text } : texts)));
  return (
    <div className="jp-nbship-Ask-table">
      <table aria-label={trans.__('What to ask')}>
        {rows.length > 1 && (
          <thead>
            <tr>
              <td />
              {rows.map((_, row) => (
                <th key={row} scope="col">
                  <span className="jp-nbship-Ask-row">
                    {trans.__('Row %1', row + 1)}
                    <IconButton
                      icon={closeIcon}
                      label={trans.__('Remove row %1', row + 1)}
                      onClick={() => onChange(rows.filter((_, at) => at !== row))}
                    />
                  </span>
                </th>
              ))}
            </tr>
          </thead>
        )}
        <tbody>
          {columns.map(column => (
            <tr key={column.name}>
              <th scope="row" title={column.name}>
                <span className="jp-nbship-Cut">{column.name}</span>
                <span className="jp-nbship-Ask-type">{typeWords(column)}</span>
              </th>
              {rows.map((texts, row) => (
                <td key={row}>
                  <Cell
                    column={column}
                    label={
                      rows.length > 1 ? trans.__('%1, row %2', column.name, row + 1) : column.name
                    }
                    text={texts[column.name] ?? null}
                    problem={problemAt(problems, row, column.name)}
                    onChange={text => set(row, column.name, text)}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
        {predictions && (
          <tfoot>
            <tr>
              <th scope="row">{trans.__('Prediction')}</th>
              {rows.map((_, row) => (
                <td key={row}>
                  <output className="jp-nbship-Ask-prediction">
                    {row < predictions.length ? predictionText(predictions[row], locale) : '–'}
                  </output>
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  );
}

function typeWords(column: FormColumn): string {
  const optional = column.required ? '' : '?';
  return `${column.type}${optional}`;
}

function Cell(props: {
  column: FormColumn;
  label: string;
  text: FieldText;
  problem: string;
  onChange: (text: FieldText) => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const { column, label, text, problem, onChange } = props;
  const id = React.useId();
  const attributes = {
    'aria-label': label,
    'aria-invalid': problem ? true : undefined,
    'aria-describedby': problem ? id : undefined
  };
  return (
    <div className={`jp-nbship-Ask-cell${problem ? ' jp-mod-error' : ''}`}>
      {column.type === 'boolean' ? (
        <select
          {...attributes}
          className="jp-nbship-Select"
          value={text ?? NULL}
          onChange={({ target }) => onChange(target.value === NULL ? null : target.value)}
        >
          <option value={TRUE}>{TRUE}</option>
          <option value={FALSE}>{FALSE}</option>
          {(column.nullable || text === null) && <option value={NULL}>{NULL}</option>}
        </select>
      ) : (
        <span className="jp-nbship-Ask-input">
          <input
            {...attributes}
            type="text"
            className="jp-nbship-Input"
            inputMode={NUMBERS.includes(column.type) ? 'decimal' : undefined}
            placeholder={text === null ? NULL : PLACEHOLDERS[column.type]}
            spellCheck={false}
            autoComplete="off"
            value={text ?? ''}
            onChange={event => onChange(event.target.value)}
          />
          {column.nullable && (
            <button
              type="button"
              className="jp-nbship-Ask-null"
              aria-pressed={text === null}
              title={trans.__('Send null: no value')}
              aria-label={trans.__('%1 is null', label)}
              onClick={() => onChange(text === null ? '' : null)}
            >
              ∅
            </button>
          )}
        </span>
      )}
      {problem && (
        <div id={id} className="jp-nbship-Ask-problem">
          {problem}
        </div>
      )}
    </div>
  );
}

// As JSON writes them.
const NULL = 'null';
const TRUE = 'true';
const FALSE = 'false';
const NUMBERS = ['integer', 'number'];
const PLACEHOLDERS: Record<string, string> = {
  datetime: '2026-01-31T12:00:00',
  binary: 'base64'
};
