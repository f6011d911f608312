import { errorIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { ApiError } from '../api/error';
import { useNbship } from '../core/context';

export interface IErrorNoteProps {
  error: Pick<ApiError, 'message' | 'hint'>;
  onRetry?: () => void;
}

/** Says what went wrong and what to do about it. */
export function ErrorNote({ error, onRetry }: IErrorNoteProps): React.ReactElement {
  const { trans } = useNbship();
  return (
    <div className="jp-nbship-ErrorNote" role="alert">
      <errorIcon.react tag="span" className="jp-nbship-ErrorNote-icon" aria-hidden="true" />
      <div className="jp-nbship-ErrorNote-body">
        <p className="jp-nbship-ErrorNote-message">{error.message}</p>
        {error.hint && <p className="jp-nbship-ErrorNote-hint">{error.hint}</p>}
        {onRetry && (
          <button type="button" className="jp-nbship-Button" onClick={onRetry}>
            {trans.__('Try again')}
          </button>
        )}
      </div>
    </div>
  );
}
