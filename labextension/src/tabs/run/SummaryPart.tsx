import * as React from 'react';

import { Badge, CopyButton, EmptyState, KeyValue } from '../../components';
import { useNbship } from '../../core/context';
import { Filtered } from './Filtered';
import { MetricsTable } from './MetricsTable';
import { NoteEditor } from './NoteEditor';
import { Part } from './Part';
import type { RunDetail } from './RunTab';

const NOTE_TAG = 'mlflow.note.content';
const UI_COMMAND = 'nbship ui';

export interface ISummaryPartProps {
  run: RunDetail;
  onChange: () => void;
}

/** What a run was given and what came out of it. */
export function SummaryPart({ run, onChange }: ISummaryPartProps): React.ReactElement {
  const { trans } = useNbship();
  const tags = Object.entries(run.tags).filter(([key]) => !/^(mlflow|nbship)\./.test(key));
  return (
    <div className="jp-nbship-Run-summary">
      {run.warnings.length > 0 && <Warnings warnings={run.warnings} />}
      <MetricsTable run={run} />
      <Params run={run} />
      <NoteEditor run={run} note={run.tags[NOTE_TAG] ?? ''} tag={NOTE_TAG} onChange={onChange} />
      {tags.length > 0 && (
        <Part title={trans.__('Tags')} count={tags.length}>
          <KeyValue
            label={trans.__('Tags')}
            rows={tags.map(([key, value]) => ({ key, value, title: value }))}
          />
        </Part>
      )}
      <Whereabouts run={run} />
    </div>
  );
}

function Warnings({ warnings }: { warnings: readonly string[] }): React.ReactElement {
  const { trans } = useNbship();
  return (
    <Part title={trans.__('Warnings')} count={warnings.length} wide>
      <ul className="jp-nbship-Run-warnings">
        {warnings.map((warning, index) => (
          <li key={index}>
            <Badge kind="warn" label={trans.__('Warning')} />
            <span>{warning}</span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Params({ run }: { run: RunDetail }): React.ReactElement {
  const { trans } = useNbship();
  const params = Object.entries(run.params);
  return (
    <Part title={trans.__('Parameters')} count={params.length}>
      {params.length === 0 ? (
        <EmptyState
          title={trans.__('No parameters')}
          text={trans.__(
            'Constants that the tracked cells assign, such as LEARNING_RATE = 0.1, become parameters by themselves.'
          )}
        />
      ) : (
        <Filtered items={params} text={([key, value]) => `${key} ${value}`}>
          {shown => (
            <KeyValue
              label={trans.__('Parameters')}
              rows={shown.map(([key, value]) => ({
                key,
                value: <code>{value}</code>,
                title: value
              }))}
            />
          )}
        </Filtered>
      )}
    </Part>
  );
}

function Whereabouts({ run }: { run: RunDetail }): React.ReactElement {
  const { trans } = useNbship();
  const user = run.tags['mlflow.user'];
  const rows = [
    ...(user ? [{ key: trans.__('User'), value: user }] : []),
    {
      key: trans.__('Files'),
      value: (
        <span className="jp-nbship-Run-copied">
          <code>{run.artifact_uri}</code>
          <CopyButton text={run.artifact_uri} label={trans.__('Copy where its files are')} />
        </span>
      ),
      title: run.artifact_uri
    },
    {
      key: trans.__('MLflow'),
      value: run.page ? (
        <a className="jp-nbship-Run-link" href={run.page} target="_blank" rel="noopener noreferrer">
          {run.page}
        </a>
      ) : (
        <span className="jp-nbship-Run-copied">
          <code>{UI_COMMAND}</code>
          <CopyButton text={UI_COMMAND} label={trans.__('Copy the command')} />
        </span>
      ),
      title: run.page
        ? trans.__('The page of this run in MLflow')
        : trans.__('This command, in a terminal of the project, shows its runs in the UI of MLflow')
    }
  ];
  return (
    <Part title={trans.__('Where it is')}>
      <KeyValue label={trans.__('Where it is')} rows={rows} />
    </Part>
  );
}
