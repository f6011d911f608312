import { editIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import { ErrorNote, IconButton } from '../../components';
import { useNbship } from '../../core/context';
import { Part } from './Part';
import { useRun } from './parts';
import type { RunDetail } from './RunTab';

export interface INoteEditorProps {
  run: RunDetail;
  note: string;
  /** The tag that holds it. */
  tag: string;
  onChange: () => void;
}

/** What somebody has written about a run, and a way to write it. */
export function NoteEditor({ run, note, tag, onChange }: INoteEditorProps): React.ReactElement {
  const { api, trans } = useNbship();
  const { place } = useRun();
  const [draft, setDraft] = React.useState<string | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);

  const save = async () => {
    const value = draft?.trim() || null;
    try {
      await api.post('/runs/tag', {
        query: { path: place },
        body: { runs: [run.id], tags: { [tag]: value } }
      });
      setError(null);
      setDraft(null);
      onChange();
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    }
  };

  return (
    <Part
      title={trans.__('Note')}
      tools={
        draft === null && (
          <IconButton
            icon={editIcon}
            label={note ? trans.__('Change the note') : trans.__('Write a note')}
            onClick={() => setDraft(note)}
          />
        )
      }
    >
      {draft === null ? (
        <p className={note ? 'jp-nbship-Run-note' : 'jp-nbship-Muted'}>
          {note || trans.__('Nothing written yet.')}
        </p>
      ) : (
        <div className="jp-nbship-Run-noteEdit">
          <textarea
            className="jp-nbship-Input"
            aria-label={trans.__('Note')}
            rows={4}
            autoFocus
            value={draft}
            onChange={event => setDraft(event.target.value)}
            onKeyDown={event => {
              if (event.key === 'Escape') {
                setDraft(null);
              } else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
                void save();
              }
            }}
          />
          <div className="jp-nbship-Run-buttons">
            <button
              type="button"
              className="jp-nbship-Button jp-mod-accept"
              onClick={() => void save()}
            >
              {trans.__('Save')}
            </button>
            <button type="button" className="jp-nbship-Button" onClick={() => setDraft(null)}>
              {trans.__('Cancel')}
            </button>
          </div>
        </div>
      )}
      {error && <ErrorNote error={error} />}
    </Part>
  );
}
