import * as React from 'react';

import { Code, ErrorNote } from '../../components';
import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import { useNbship } from '../../core/context';
import { readAgain, saveOpen } from '../../pipelines/save';

interface IProposalProps {
  found: Schemas['NotebookParametersJson'];
  onWritten: () => void;
}

/** Offers a parameters cell to a notebook that has none: shown first, written when wanted. */
export function Proposal({ found, onWritten }: IProposalProps): React.ReactElement {
  const nbship = useNbship();
  const { api, trans } = nbship;
  const [shown, setShown] = React.useState(false);
  const [writing, setWriting] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const { proposal, file } = found;
  const write = async () => {
    setWriting(true);
    setError(null);
    try {
      await saveOpen(nbship, file);
      await api.post('/notebooks/convert', { body: { file } });
      await readAgain(nbship, file);
      onWritten();
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    } finally {
      setWriting(false);
    }
  };
  return (
    <div className="jp-nbship-Proposal">
      <p>{trans.__('No cell declares parameters, so it runs as it is.')}</p>
      {!proposal && <p className="jp-nbship-Muted">{found.reason}</p>}
      {proposal && !shown && (
        <button type="button" className="jp-nbship-Button" onClick={() => setShown(true)}>
          {trans.__('Add a parameters cell…')}
        </button>
      )}
      {proposal && shown && (
        <>
          <p className="jp-nbship-Muted">
            {trans._n(
              '%1 constant becomes a parameter. The notebook changes like this:',
              '%1 constants become parameters. The notebook changes like this:',
              proposal.names.length
            )}
          </p>
          <Code source={proposal.diff} label={trans.__('What changes')} />
          <div className="jp-nbship-Pipelines-actions">
            <button
              type="button"
              className="jp-nbship-Button jp-mod-accept"
              disabled={writing}
              onClick={() => void write()}
            >
              {trans.__('Write it')}
            </button>
            <button type="button" className="jp-nbship-Button" onClick={() => setShown(false)}>
              {trans.__('Not now')}
            </button>
          </div>
        </>
      )}
      {error && <ErrorNote error={error} />}
    </div>
  );
}
