import type { IOutput } from '@jupyterlab/nbformat';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { asApiError, type ApiError } from '../../api/error';
import { ErrorNote, MimeOutput } from '../../components';
import { formatBytes } from '../../components/numbers';
import { useNbship } from '../../core/context';
import { useRun } from './parts';

export interface IOutputViewProps {
  /** The index of the cell in the ledger. */
  cell: number;
  /** The place among its outputs. */
  at: number;
  output: Schemas['CellOutput'];
}

/** An output as Lab shows it, but never trusted; a large one on demand. */
export function OutputView({ cell, at, output }: IOutputViewProps): React.ReactElement {
  const { trans } = useNbship();
  const label = trans.__('Output %1 of cell %2', at + 1, cell + 1);
  const [whole, setWhole] = React.useState<IOutput | null>(null);
  if (output.omitted && !whole) {
    return <Omitted cell={cell} at={at} output={output} onLoad={setWhole} />;
  }
  const shown = whole ?? (output.output as unknown as IOutput);
  return (
    <div className={`jp-nbship-Run-output${isError(shown) ? ' jp-mod-error' : ''}`}>
      <MimeOutput output={shown} label={label} />
    </div>
  );
}

function Omitted(
  props: IOutputViewProps & { onLoad: (output: IOutput) => void }
): React.ReactElement {
  const { api, locale, trans } = useNbship();
  const { id, place } = useRun();
  const [loading, setLoading] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const abort = React.useRef<AbortController | null>(null);
  React.useEffect(() => () => abort.current?.abort(), []);

  const load = async () => {
    abort.current = new AbortController();
    const { signal } = abort.current;
    setLoading(true);
    setError(null);
    try {
      const path = { run: id, cell: String(props.cell), output: String(props.at) };
      const answer = await api.get('/runs/{run}/outputs/{cell}/{output}', {
        path,
        query: { path: place },
        signal
      });
      if (!signal.aborted) {
        props.onLoad(answer as unknown as IOutput);
      }
    } catch (thrown) {
      if (!signal.aborted) {
        setError(asApiError(thrown, trans));
      }
    } finally {
      if (!signal.aborted) {
        setLoading(false);
      }
    }
  };

  const size = formatBytes(props.output.size_bytes, locale);
  return (
    <div className="jp-nbship-Run-omitted">
      <span className="jp-nbship-Muted">{trans.__('A large output of %1', size)}</span>
      <button
        type="button"
        className="jp-nbship-Button"
        disabled={loading}
        onClick={() => void load()}
      >
        {loading ? trans.__('Loading…') : trans.__('Show it')}
      </button>
      {error && <ErrorNote error={error} />}
    </div>
  );
}

function isError(output: IOutput): boolean {
  return output.output_type === 'error';
}
