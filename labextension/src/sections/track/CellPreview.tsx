import type { NotebookPanel } from '@jupyterlab/notebook';
import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { ErrorNote, Loading } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { cellTracking, loadsExtension, TRACK } from '../../tracking/cell';
import { TrackCommandIDs } from '../../tracking/commands';
import type { NotebookTracking } from '../../tracking/notebook';
import { whyNotCell } from '../../tracking/words';
import { useActiveCell, type IActiveCell } from './active-cell';
import { Part } from './Part';

type Preview = Schemas['PreviewJson'];

/** The active cell: tracking it, and what that records. */
export function CellPreview(props: {
  panel: NotebookPanel;
  tracking: NotebookTracking;
}): React.ReactElement | null {
  const { trans } = useNbship();
  const active = useActiveCell(props.panel);
  if (!active) {
    return null;
  }
  return (
    <Part id="cell" title={trans.__('Cell %1', active.number)}>
      <TrackButton active={active} />
      {active.request && <Foreseen request={active.request} />}
      <LoadHint active={active} tracking={props.tracking} />
    </Part>
  );
}

function TrackButton({ active }: { active: IActiveCell }): React.ReactElement {
  const { commands, trans } = useNbship();
  const now = cellTracking(active.cell.model);
  const why = whyNotCell(now, trans);
  if (why) {
    return <p className="jp-nbship-Muted">{why}</p>;
  }
  const tracked = now.kind === 'tracked';
  return (
    <div className="jp-nbship-Track-buttons">
      <button
        type="button"
        className="jp-nbship-Button"
        aria-pressed={tracked}
        title={
          tracked
            ? trans.__('Take %1 off the first line of the cell', TRACK)
            : trans.__('Put %1 on the first line of the cell', TRACK)
        }
        onClick={() => void commands.execute(TrackCommandIDs.trackCell)}
      >
        {tracked ? trans.__('Do not track this cell') : trans.__('Track this cell')}
      </button>
    </div>
  );
}

function Foreseen(props: { request: Schemas['PreviewRequestJson'] }): React.ReactElement | null {
  const { api, trans } = useNbship();
  const { request } = props;
  const { data, error, reload } = useResource(
    signal =>
      request.source.trim() === '' ? null : api.post('/capture/preview', { body: request, signal }),
    [request]
  );
  if (request.source.trim() === '') {
    return <p className="jp-nbship-Muted">{trans.__('The cell is empty.')}</p>;
  }
  if (error && !data) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  return data ? <Facts seen={data} /> : <Loading label={trans.__('Reading the cell…')} />;
}

function Facts({ seen }: { seen: Preview }): React.ReactElement {
  const { trans } = useNbship();
  if (seen.problem) {
    return <p className="jp-nbship-Muted">{trans.__('Nothing to foresee: %1.', seen.problem)}</p>;
  }
  const secrets =
    seen.secret_lines.length > 0
      ? trans.__('in line %1', seen.secret_lines.join(', '))
      : trans.__('in its parameters');
  return (
    <dl
      className="jp-nbship-Track-foreseen"
      aria-label={trans.__('What tracking the cell records')}
    >
      <Names
        term={trans.__('Parameters')}
        names={seen.parameters.map(one => one.name)}
        values={seen.parameters.map(one => one.value)}
      />
      <Names term={trans.__('Reads')} names={seen.reads} />
      <Names term={trans.__('Files')} names={seen.files} />
      <Names
        term={trans.__('Metrics')}
        names={seen.metrics}
        title={trans.__('If they turn out to be numbers')}
      />
      <Names
        term={trans.__('Model')}
        names={seen.model ? [seen.model] : []}
        title={seen.trained_on ? trans.__('Fitted on %1', seen.trained_on) : undefined}
      />
      <Names
        term={trans.__('Not set')}
        names={seen.unset}
        title={trans.__('No cell above gives these names a value')}
      />
      {seen.secrets > 0 && (
        <>
          <dt>{trans.__('Masked')}</dt>
          <dd>{trans._n('%1 secret, %2', '%1 secrets, %2', seen.secrets, secrets)}</dd>
        </>
      )}
      <dt>{trans.__('Depends')}</dt>
      <dd>
        {seen.needed.length === 0
          ? trans.__('on no other cell')
          : trans._n('on %1 cell above', 'on %1 cells above', seen.needed.length)}
      </dd>
    </dl>
  );
}

const SHOWN = 12;

function Names(props: {
  term: string;
  names: readonly string[];
  values?: readonly string[];
  title?: string;
}): React.ReactElement | null {
  const { trans } = useNbship();
  const { term, names, values, title } = props;
  if (names.length === 0) {
    return null;
  }
  return (
    <>
      <dt title={title}>{term}</dt>
      <dd title={title}>
        {names.slice(0, SHOWN).map((name, index) => (
          <React.Fragment key={name}>
            <code
              className="jp-nbship-Track-name"
              title={values ? `${name} = ${values[index]}` : title}
            >
              {name}
              {values && (
                <span className="jp-nbship-Track-constant">{`\u00a0= ${values[index]}`}</span>
              )}
            </code>{' '}
          </React.Fragment>
        ))}
        {names.length > SHOWN && (
          <span className="jp-nbship-Muted" title={names.slice(SHOWN).join('\n')}>
            {trans._n('and %1 more', 'and %1 more', names.length - SHOWN)}
          </span>
        )}
      </dd>
    </>
  );
}

/** A notebook that tracks cells but does not load nbship fails in a new kernel. */
function LoadHint(props: {
  active: IActiveCell;
  tracking: NotebookTracking;
}): React.ReactElement | null {
  const { commands, trans } = useNbship();
  const { sources } = props.active;
  const tracks = sources.some(source => source.trimStart().startsWith(TRACK));
  if (!tracks || loadsExtension(sources)) {
    return null;
  }
  return (
    <div className="jp-nbship-Track-hint">
      <p>
        {trans.__(
          'No cell of this notebook loads nbship, so %1 fails where nobody has loaded it: after a restart, or for others.',
          TRACK
        )}
      </p>
      <button
        type="button"
        className="jp-nbship-Button"
        onClick={() => void commands.execute(TrackCommandIDs.insertLoad)}
      >
        {trans.__('Add a first cell with %1', '%load_ext nbship')}
      </button>
    </div>
  );
}
