import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { ErrorNote, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import {
  exampleRow,
  problemsOf,
  readRows,
  type IProblem,
  type RowTexts
} from '../../shipping/asking';
import { Answer } from './Answer';
import { AskTable } from './AskTable';
import { JsonRequest } from './JsonRequest';
import { Snippets } from './Snippets';

type Reply = Schemas['ServedAnswerJson'];
type Body = Schemas['InvokeBody'];

interface IProps {
  name: string;
  place: string;
  ready: boolean;
  /** Called when it was asked. */
  onAsked: () => void;
}

/** Asks a served model: by a form that is made from its input example, or with JSON. */
export function TryIt(props: IProps): React.ReactElement {
  const { api, trans } = useNbship();
  const { name, place, ready } = props;
  const found = useResource(
    signal =>
      ready
        ? api.get('/services/{name}/form', { path: { name }, query: { path: place }, signal })
        : null,
    [name, place, ready]
  );
  // What a server took when it was ready is what one writes for it, whatever it does now.
  const [form, keep] = React.useState(found.data?.form ?? null);
  React.useEffect(() => {
    if (found.data) {
      keep(found.data.form);
    }
  }, [found.data]);
  if (form) {
    return <AskForm {...props} form={form} />;
  }
  if (found.error) {
    return <ErrorNote error={found.error} onRetry={found.reload} />;
  }
  return ready ? (
    <Loading label={trans.__('Loading what it takes…')} />
  ) : (
    <p className="jp-nbship-Service-part jp-nbship-Muted">
      {trans.__('It can be asked when it is ready.')}
    </p>
  );
}

function AskForm(props: IProps & { form: Schemas['ServedForm'] }): React.ReactElement {
  const { api, trans } = useNbship();
  const { name, place, ready, form, onAsked } = props;
  const { columns } = form;
  const [json, setJson] = React.useState<string | null>(
    columns.length === 0 ? JSON.stringify(form.example, null, 2) : null
  );
  const [rows, setRows] = React.useState<readonly RowTexts[]>([exampleRow(columns)]);
  const [problems, setProblems] = React.useState<readonly IProblem[]>([]);
  const [reply, setReply] = React.useState<Reply | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [busy, setBusy] = React.useState(false);
  const [asked, setAsked] = React.useState<Body | null>(null);

  const ask = async (body: Body) => {
    setBusy(true);
    setError(null);
    setAsked(body);
    try {
      const answer = await api.post('/services/{name}/invoke', {
        path: { name },
        query: { path: place },
        body
      });
      setReply(answer);
      setProblems(answer.status >= 400 ? problemsOf(answer.answer).problems : []);
    } catch (thrown) {
      setReply(null);
      setError(asApiError(thrown, trans));
    } finally {
      setBusy(false);
      onAsked();
    }
  };
  const send = async () => {
    if (json !== null) {
      const body = parsed(json);
      if (body === null) {
        setReply(null);
        setError(asApiError(new Error(trans.__('This is no JSON object.')), trans));
      } else {
        await ask({ body });
      }
      return;
    }
    const read = readRows(rows, columns, trans);
    setProblems(read.problems);
    if (read.problems.length === 0) {
      await ask({ rows: read.rows });
    } else {
      setReply(null);
    }
  };
  const change = (next: readonly RowTexts[]) => {
    setRows(next);
    setProblems([]);
    setReply(null);
  };
  const switchMode = (toJson: boolean) => {
    setReply(null);
    setProblems([]);
    setError(null);
    const { rows: values } = readRows(rows, columns, trans);
    setJson(toJson ? JSON.stringify({ dataframe_records: values }, null, 2) : null);
  };

  return (
    <form
      className="jp-nbship-Service-part jp-nbship-Ask"
      onSubmit={event => {
        event.preventDefault();
        void send();
      }}
    >
      {columns.length > 0 && (
        <div className="jp-nbship-Ask-modes" role="radiogroup" aria-label={trans.__('How to ask')}>
          <Mode label={trans.__('Form')} on={json === null} onChoose={() => switchMode(false)} />
          <Mode label={trans.__('JSON')} on={json !== null} onChoose={() => switchMode(true)} />
        </div>
      )}
      {json === null ? (
        <AskTable
          columns={columns}
          rows={rows}
          problems={problems}
          reply={reply}
          onChange={change}
        />
      ) : (
        <JsonRequest text={json} onChange={setJson} onSend={() => void send()} />
      )}
      <div className="jp-nbship-Ask-send">
        <button type="submit" className="jp-nbship-Button jp-mod-accept" disabled={busy || !ready}>
          {busy ? trans.__('Asking…') : trans.__('Send')}
        </button>
        {json === null && (
          <button
            type="button"
            className="jp-nbship-Button"
            disabled={rows.length >= MOST_ROWS}
            onClick={() => change([...rows, rows[rows.length - 1] ?? exampleRow(columns)])}
          >
            {trans.__('Add a row')}
          </button>
        )}
        {!ready && (
          <span className="jp-nbship-Muted">{trans.__('It can be asked when it is ready.')}</span>
        )}
      </div>
      {error && <ErrorNote error={error} />}
      {reply && <Answer reply={reply} inTable={json === null} />}
      <Snippets name={name} place={place} asked={asked} first={form.snippets} />
    </form>
  );
}

function Mode(props: { label: string; on: boolean; onChoose: () => void }): React.ReactElement {
  return (
    <button
      type="button"
      role="radio"
      aria-checked={props.on}
      className="jp-nbship-Ask-mode"
      onClick={() => !props.on && props.onChoose()}
    >
      {props.label}
    </button>
  );
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

const MOST_ROWS = 20;
