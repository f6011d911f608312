import { downloadIcon, refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import type { Schemas } from '../../api/operations';
import {
  Ago,
  Code,
  CopyButton,
  ErrorNote,
  Html,
  IconButton,
  Loading,
  TabList
} from '../../components';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import { useResource } from '../../core/resource';
import { Verdict } from '../../sections/drift/Verdict';
import { ColumnsTable } from './ColumnsTable';

type DriftReportJson = Schemas['DriftReportJson'];

/** What a report found: the verdict, then the columns, or the whole page of the library. */
export function DriftReport(props: { job: JobJson; report: DriftReportJson }): React.ReactElement {
  const { trans } = useNbship();
  const { job, report } = props;
  return (
    <div className="jp-nbship-DriftTab">
      <Head job={job} report={report} />
      <TabList
        label={trans.__('Report')}
        tabs={[
          {
            id: 'columns',
            label: trans.__('Columns'),
            note: report.columns.length,
            panel: () => <ColumnsTable report={report} />
          },
          { id: 'page', label: trans.__('Full report'), panel: () => <Page job={job.id} /> },
          {
            id: 'how',
            label: trans.__('How it was decided'),
            panel: () => <Decision job={job} report={report} />
          }
        ]}
      />
    </div>
  );
}

function Head({ job, report }: { job: JobJson; report: DriftReportJson }): React.ReactElement {
  const { api, jobs, tabs, trans } = useNbship();
  const [failure, setFailure] = React.useState<ApiError | null>(null);
  const { verdict, asked } = report;
  const ended = new Date(new Date(job.started).getTime() + job.seconds * 1000);
  const attempt = (work: () => Promise<unknown>) => {
    setFailure(null);
    work().catch((thrown: unknown) => setFailure(asApiError(thrown, trans)));
  };
  const save = async () => {
    const { html } = await api.get('/jobs/{job}/report', { path: { job: job.id } });
    download(html, 'drift-report.html');
  };
  return (
    <header className="jp-nbship-DriftTab-head">
      <div className="jp-nbship-Compare-title">
        <h1>
          <Verdict verdict={verdict} /> {verdict.headline}
        </h1>
        <div className="jp-nbship-Compare-tools">
          <CopyButton text={reportText(report)} label={trans.__('Copy as text')} />
          <IconButton
            icon={downloadIcon}
            label={trans.__('Save as an HTML file')}
            onClick={() => attempt(save)}
          />
          {asked && (
            <IconButton
              icon={refreshIcon}
              label={trans.__('Check again')}
              onClick={() =>
                attempt(async () => {
                  const next = await jobs.start('/jobs/drift', asked);
                  tabs.open('drift', { job: next.id });
                })
              }
            />
          )}
        </div>
      </div>
      <dl className="jp-nbship-DriftTab-facts">
        <Fact name={trans.__('Reference')} title={verdict.reference.name}>
          <b>{asked?.reference.label ?? verdict.reference.name}</b> {verdict.reference.words}
        </Fact>
        <Fact name={trans.__('Current')} title={verdict.current.name}>
          <b>{asked?.current.label ?? verdict.current.name}</b> {verdict.current.words}
        </Fact>
        <Fact name={trans.__('Columns')}>{countsText(report.counts, trans)}</Fact>
        {report.model && <Fact name={trans.__('Importance')}>{report.model}</Fact>}
        <Fact name={trans.__('Checked')}>
          <Ago at={ended.toISOString()} />
        </Fact>
      </dl>
      {failure && <ErrorNote error={failure} />}
    </header>
  );
}

function Fact(props: {
  name: string;
  title?: string;
  children: React.ReactNode;
}): React.ReactElement {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd title={props.title}>{props.children}</dd>
    </div>
  );
}

/** The page of the library, which follows the theme. */
function Page({ job }: { job: string }): React.ReactElement {
  const { api, trans } = useNbship();
  const { data, error, reload } = useResource(
    signal => api.get('/drift/reports/{job}/page', { path: { job }, signal }),
    [job]
  );
  if (error) {
    return <ErrorNote error={error} onRetry={reload} />;
  }
  if (!data) {
    return <Loading label={trans.__('Loading the report…')} />;
  }
  return (
    <div className="jp-nbship-DriftTab-page">
      <Html html={data.html} label={trans.__('Full report')} />
    </div>
  );
}

function Decision({ job, report }: { job: JobJson; report: DriftReportJson }): React.ReactElement {
  const { trans } = useNbship();
  return (
    <div className="jp-nbship-Pad jp-nbship-DriftTab-how">
      <p>
        {trans.__(
          'A column drifts when its effect is above its threshold and its corrected p-value is below the level of the tests.'
        )}
      </p>
      <p>{report.budget}</p>
      <p>
        {trans.__(
          'Thresholds: %1; each is raised by what chance gives samples of these sizes.',
          report.thresholds
        )}
      </p>
      {report.model && (
        <p>
          {trans.__('Importance of columns from %1: %2', report.model, report.importance_method)}
        </p>
      )}
      {report.notes.map(note => (
        <p key={note}>{trans.__('Note: %1', note)}</p>
      ))}
      <Code source={job.command} label={trans.__('The command that ran')} copy />
    </div>
  );
}

function countsText(counts: Record<string, number>, trans: TranslationBundle): string {
  return Object.entries(counts)
    .map(([state, count]) => trans.__('%1 %2', count, stateWord(state, trans)))
    .join(', ');
}

function stateWord(state: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    drifted: trans.__('drifted'),
    'drifted but harmless': trans.__('drifted but harmless'),
    stable: trans.__('stable'),
    skipped: trans.__('skipped'),
    missing: trans.__('missing'),
    new: trans.__('new'),
    'type changed': trans.__('of another type')
  };
  return words[state] ?? state;
}

/** Return a report as text, a line a column. */
function reportText({ verdict, columns }: DriftReportJson): string {
  const head = [
    `${verdict.sign} ${verdict.headline}`,
    `  reference  ${verdict.reference.name}: ${verdict.reference.words}`,
    `  current    ${verdict.current.name}: ${verdict.current.words}`,
    ''
  ];
  const width = Math.min(Math.max(...columns.map(column => column.name.length), 0), 32);
  return [
    ...head,
    ...columns.map(
      ({ sign, name, word, ratio_text, reason }) =>
        `${sign} ${name.padEnd(width)}  ${word.padEnd(12)}  ${ratio_text.padStart(6)}  ${reason}`
    )
  ].join('\n');
}

function download(html: string, name: string): void {
  const url = URL.createObjectURL(new Blob([html], { type: 'text/html' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
