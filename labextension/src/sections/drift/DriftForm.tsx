import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { Code, ErrorNote } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { DriftOptions } from './DriftOptions';
import { optionsOf, wrongNumbers, type OptionTexts } from './options';
import { SourcePicker, useSettled } from './SourcePicker';
import { isSame, type Side } from './sources';

export type DriftBody = Schemas['DriftBody'];

/** What the form holds. */
export interface IDriftDraft {
  reference: Side | null;
  current: Side | null;
  texts: OptionTexts;
}

export const EMPTY_DRAFT: IDriftDraft = { reference: null, current: null, texts: {} };

const SETTLE_MS = 250;

/** Chooses two datasets and starts a report on them. */
export function DriftForm(props: {
  draft: IDriftDraft;
  onChange: (draft: IDriftDraft) => void;
  onStarted: (job: string) => void;
  browse?: () => Promise<string | null>;
}): React.ReactElement {
  const { api, jobs, trans } = useNbship();
  const { draft, onChange, onStarted, browse } = props;
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const [busy, setBusy] = React.useState(false);
  const body = bodyOf(draft);
  const asked = useSettled(body ? JSON.stringify(body) : '', SETTLE_MS);
  const { data: told, error } = useResource(
    signal =>
      asked ? api.post('/drift/command', { body: JSON.parse(asked) as DriftBody, signal }) : null,
    [asked]
  );
  const problem = failure ?? error;
  const same = draft.reference && draft.current && isSame(draft.reference, draft.current);

  const start = async () => {
    if (!body) {
      return;
    }
    setBusy(true);
    setFailure(null);
    try {
      onStarted((await jobs.start('/jobs/drift', body)).id);
    } catch (thrown) {
      setFailure(asApiError(thrown, trans));
    } finally {
      setBusy(false);
    }
  };

  return (
    <form
      className="jp-nbship-Drift-form"
      aria-label={trans.__('Compare two datasets')}
      onSubmit={event => {
        event.preventDefault();
        void start();
      }}
    >
      <SourcePicker
        role="reference"
        label={trans.__('Reference')}
        side={draft.reference}
        onChange={reference => onChange({ ...draft, reference })}
        browse={browse}
      />
      <SourcePicker
        role="current"
        label={trans.__('Current data')}
        side={draft.current}
        onChange={current => onChange({ ...draft, current })}
        browse={browse}
      />
      <DriftOptions texts={draft.texts} onChange={texts => onChange({ ...draft, texts })} />
      {same && (
        <p className="jp-nbship-Muted">
          {trans.__('Both are the same data, so nothing will have drifted.')}
        </p>
      )}
      {problem && <ErrorNote error={problem} />}
      {asked && told && !error && (
        <Code source={told.command} label={trans.__('The command that will run')} copy />
      )}
      <button
        type="submit"
        className="jp-nbship-Button jp-mod-accept"
        disabled={!body || busy || !!error}
        title={body ? undefined : trans.__('Choose the reference and the current data first.')}
      >
        {busy ? trans.__('Starting…') : trans.__('Check for drift')}
      </button>
    </form>
  );
}

/** Return what is asked of the server; null while something is not chosen. */
function bodyOf({ reference, current, texts }: IDriftDraft): DriftBody | null {
  if (!reference || !current || wrongNumbers(texts).length > 0) {
    return null;
  }
  return { reference, current, options: optionsOf(texts) };
}
