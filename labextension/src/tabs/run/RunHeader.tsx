import { refreshIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import {
  Ago,
  Badge,
  CopyButton,
  Duration,
  Elapsed,
  IconButton,
  type BadgeKind
} from '../../components';
import { useNbship } from '../../core/context';
import { usePart } from './parts';
import type { RunDetail } from './RunTab';
import type { TranslationBundle } from '@jupyterlab/translation';

export interface IRunHeaderProps {
  run: RunDetail;
  loading: boolean;
  onReload: () => void;
}

/** What a run is: its name, how it ended, when and how long, and where it came from. */
export function RunHeader({ run, loading, onReload }: IRunHeaderProps): React.ReactElement {
  const { trans } = useNbship();
  const running = run.duration_seconds === null && run.status === 'RUNNING';
  return (
    <header className="jp-nbship-Run-header">
      <div className="jp-nbship-Run-titles">
        <h1 title={run.name}>{run.name || trans.__('Unnamed run')}</h1>
        <StatusBadge status={run.status} />
        <FateBadges run={run} />
        <span className="jp-nbship-Run-spring" />
        <IconButton
          icon={refreshIcon}
          label={trans.__('Load this run again')}
          disabled={loading}
          onClick={onReload}
        />
      </div>
      <dl className="jp-nbship-Run-facts">
        <Fact name={trans.__('Started')}>
          <Ago at={run.started} />
        </Fact>
        <Fact name={running ? trans.__('Running for') : trans.__('Took')}>
          {running ? <Elapsed since={run.started} /> : <Duration seconds={run.duration_seconds} />}
        </Fact>
        <Fact name={trans.__('Experiment')}>
          <span title={run.experiment}>{run.experiment}</span>
        </Fact>
        <Notebook run={run} />
        <Fact name={trans.__('Run id')}>
          <code title={run.id}>{run.id.slice(0, 8)}</code>
          <CopyButton text={run.id} label={trans.__('Copy the run id')} />
        </Fact>
      </dl>
    </header>
  );
}

function Fact(props: { name: string; children: React.ReactNode }): React.ReactElement {
  return (
    <div className="jp-nbship-Run-fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Notebook({ run }: { run: RunDetail }): React.ReactElement | null {
  const { commands, trans } = useNbship();
  const source = run.tags['mlflow.source.name'];
  const { notebook } = run;
  if (!source) {
    return null;
  }
  return (
    <Fact name={trans.__('Notebook')}>
      {notebook ? (
        <button
          type="button"
          className="jp-nbship-Run-link"
          title={trans.__('Open %1', notebook)}
          onClick={() => void commands.execute('docmanager:open', { path: notebook })}
        >
          {source}
        </button>
      ) : (
        <span title={trans.__('The notebook is not there any more')}>{source}</span>
      )}
    </Fact>
  );
}

/** How a run ended, in a word. */
export function StatusBadge({ status }: { status: RunDetail['status'] }): React.ReactElement {
  const { trans } = useNbship();
  const [kind, label] = statusWords(status, trans);
  return <Badge kind={kind} label={label} />;
}

function statusWords(status: RunDetail['status'], trans: TranslationBundle): [BadgeKind, string] {
  switch (status) {
    case 'RUNNING':
      return ['running', trans.__('Running')];
    case 'SCHEDULED':
      return ['neutral', trans.__('Scheduled')];
    case 'FINISHED':
      return ['ok', trans.__('Finished')];
    case 'FAILED':
      return ['failed', trans.__('Failed')];
    case 'KILLED':
      return ['warn', trans.__('Stopped')];
  }
}

/** What became of a run; shown once it is known, and not missed where it cannot be. */
function FateBadges({ run }: { run: RunDetail }): React.ReactElement {
  const { api, trans } = useNbship();
  const { data } = usePart('badges', ask => api.get('/runs/{run}/badges', ask));
  return (
    <>
      {run.tags['nbship.archived'] === 'true' && (
        <Badge
          kind="neutral"
          label={trans.__('Archived')}
          title={trans.__('Lists of runs leave it out')}
        />
      )}
      {data?.data_changed && (
        <Badge
          kind="info"
          label={trans.__('New data')}
          title={trans.__('Its data is other than in the run of this notebook before')}
        />
      )}
      {data?.packaged && (
        <Badge
          kind="ok"
          label={trans.__('Packaged')}
          title={trans.__('Its model is in the image %1', data.packaged)}
        />
      )}
      {data?.served && (
        <Badge
          kind="ok"
          label={trans.__('Served')}
          title={trans.__('The service %1 answers with its model', data.served)}
        />
      )}
    </>
  );
}
