import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { EmptyState, ErrorNote, Loading, TabList, type ITabItem } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { useTab } from '../../core/tabs';
import { CellsPart } from './CellsPart';
import { DataPart } from './DataPart';
import { EnvironmentPart } from './EnvironmentPart';
import { FollowRun } from './FollowRun';
import { LineagePart } from './LineagePart';
import { ModelPart } from './ModelPart';
import { RunProvider, usePlace, type IShownRun } from './parts';
import { RunActions } from './RunActions';
import { RunHeader } from './RunHeader';
import { SummaryPart } from './SummaryPart';

export type RunDetail = Schemas['RunDetailJson'];

const TITLE = 60;

/** The page about one run. */
export default function RunTab({ run: asked }: { run: string }): React.ReactElement {
  const { api, trans } = useNbship();
  const { close, setTitle } = useTab();
  const [lost, setLost] = React.useState(false);
  const place = usePlace(lost);
  const [turn, next] = React.useReducer((count: number) => count + 1, 0);
  const kept = React.useMemo(() => new Map<string, unknown>(), []);
  const { data, error, loading, reload } = useResource(
    signal => api.get('/runs/{run}', { path: { run: asked }, query: { path: place }, signal }),
    [asked, place, turn]
  );
  const gone = error?.code === 'run_not_found';
  React.useEffect(() => setLost(gone && data === null), [gone, data]);
  const label = data ? data.name || data.id.slice(0, 8) : null;
  React.useEffect(() => {
    if (label !== null) {
      // The status bar of Lab shows a title whole.
      setTitle([...label].slice(0, TITLE).join(''), trans.__('Run %1', label));
    }
  }, [label, setTitle, trans]);
  const id = data?.id ?? asked;
  const shown = React.useMemo<IShownRun>(
    () => ({ id, place, turn, kept }),
    [id, place, turn, kept]
  );

  if (!data) {
    return gone ? (
      <EmptyState
        title={trans.__('This run is not there')}
        text={trans.__(
          'No run of this project is called %1. It may have been deleted, or belong to another project: open a notebook of that one.',
          asked
        )}
        action={{ label: trans.__('Close'), onClick: close }}
      />
    ) : error ? (
      <ErrorNote error={error} onRetry={reload} />
    ) : (
      <Loading label={trans.__('Loading the run…')} />
    );
  }
  return (
    <RunProvider value={shown}>
      <article className="jp-nbship-Run" aria-label={trans.__('Run %1', data.name)}>
        <RunHeader run={data} loading={loading} onReload={next} />
        {gone ? (
          <p className="jp-nbship-Run-gone" role="alert">
            {trans.__('This run was deleted meanwhile. What you see is what was known of it.')}
          </p>
        ) : (
          <>
            {error && <ErrorNote error={error} onRetry={reload} />}
            <RunActions run={data} onChange={next} />
          </>
        )}
        {data.status === 'RUNNING' && !gone && <FollowRun run={data} onChange={next} />}
        <RunParts run={data} onChange={next} />
      </article>
    </RunProvider>
  );
}

function RunParts(props: { run: RunDetail; onChange: () => void }): React.ReactElement {
  const { trans } = useNbship();
  const { run, onChange } = props;
  const tabs: ITabItem[] = [
    {
      id: 'summary',
      label: trans.__('Summary'),
      panel: () => <SummaryPart run={run} onChange={onChange} />
    },
    { id: 'cells', label: trans.__('Cells'), panel: () => <CellsPart /> },
    {
      id: 'data',
      label: trans.__('Data'),
      note: run.datasets.length || undefined,
      panel: () => <DataPart run={run} />
    },
    { id: 'environment', label: trans.__('Environment'), panel: () => <EnvironmentPart /> },
    { id: 'model', label: trans.__('Model'), panel: () => <ModelPart onChange={onChange} /> },
    { id: 'lineage', label: trans.__('Lineage'), panel: () => <LineagePart /> }
  ];
  return <TabList label={trans.__('Parts of the run')} tabs={tabs} />;
}
