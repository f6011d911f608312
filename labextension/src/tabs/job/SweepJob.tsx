import * as React from 'react';

import { ErrorNote, Loading } from '../../components';
import { formatDuration } from '../../components/Time';
import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import {
  asSweep,
  hasSucceeded,
  settled,
  type ISweepPoint,
  type ISweepReport
} from '../../pipelines/reports';
import { progressShare } from '../../pipelines/StepGraph';
import { StateMark } from '../../pipelines/StateMark';
import { Failure } from './Failure';
import { useRestart } from './restart';
import { RunLinks } from './RunLinks';
import { SweepChart } from './SweepChart';
import { counts, metricNames, sortedPoints, sweptNames } from './sweep-points';
import { Warnings } from './Warnings';

/** A sweep that runs or ran: its points, the best first, and how the metric depends on the parameters. */
export function SweepJob({
  job,
  result
}: {
  job: JobJson;
  result: unknown;
}): React.ReactElement | null {
  const { trans } = useNbship();
  const report = asSweep(result) ?? asSweep(job.progress);
  if (!report) {
    return job.state === 'running' ? <Loading label={trans.__('The sweep starts…')} /> : null;
  }
  const points = settled(report.points, job.state === 'running');
  return <Sweep job={job} report={{ ...report, points }} />;
}

function Sweep({ job, report }: { job: JobJson; report: ISweepReport }): React.ReactElement {
  const { trans } = useNbship();
  const [metric, setMetric] = React.useState<string | null>(null);
  const [chosen, choose] = React.useState<number | null>(null);
  const restart = useRestart('/jobs/sweep', job);
  const metrics = metricNames(report);
  const shown = metric ?? metrics[0] ?? null;
  const selected = report.points.find(point => point.index === chosen) ?? null;
  return (
    <>
      <Summary report={report} running={job.state === 'running'} />
      <RunLinks run={report.run} output={null} job={job}>
        {job.state !== 'running' && !report.points.every(point => hasSucceeded(point.state)) && (
          <button
            type="button"
            className="jp-nbship-Button jp-mod-accept"
            disabled={restart.starting}
            title={trans.__('Points that completed are not run again')}
            onClick={() => restart.start({ resume: true })}
          >
            {trans.__('Run what is missing')}
          </button>
        )}
      </RunLinks>
      {restart.error && <ErrorNote error={restart.error} />}
      {metrics.length > 1 && (
        <label className="jp-nbship-Job-choice">
          {trans.__('Metric')}
          <select
            className="jp-nbship-Select"
            value={shown ?? ''}
            onChange={event => setMetric(event.target.value)}
          >
            {metrics.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      )}
      {shown !== null && (
        <SweepChart report={report} metric={shown} selected={chosen} onSelect={choose} />
      )}
      <PointTable
        report={report}
        metrics={metrics}
        sorted={shown}
        selected={chosen}
        onSelect={choose}
      />
      {selected && <Point job={job} point={selected} />}
      <Warnings warnings={report.warnings} />
    </>
  );
}

function Summary(props: { report: ISweepReport; running: boolean }): React.ReactElement {
  const { report } = props;
  const { trans } = useNbship();
  const { ended, running, failed } = counts(report.points);
  const parts = [
    trans.__('%1 of %2 points done', ended, report.points.length),
    running > 0 ? trans.__('%1 running', running) : '',
    failed > 0 ? trans.__('%1 failed', failed) : '',
    report.seconds > 0 ? formatDuration(report.seconds, trans) : '',
    props.running && ended === report.points.length ? trans.__('the runs are being recorded…') : ''
  ];
  return (
    <div className="jp-nbship-Job-part">
      <progress
        className="jp-nbship-Progress"
        max={report.points.length}
        value={ended}
        aria-label={parts[0]}
      />
      <p className="jp-nbship-Muted" role="status">
        {parts.filter(Boolean).join(' · ')}
      </p>
    </div>
  );
}

interface IPointTableProps {
  report: ISweepReport;
  metrics: readonly string[];
  sorted: string | null;
  selected: number | null;
  onSelect: (point: number) => void;
}

function PointTable(props: IPointTableProps): React.ReactElement {
  const { report, metrics, sorted, selected, onSelect } = props;
  const { locale, trans } = useNbship();
  const names = sweptNames(report.points);
  const order = sorted === report.metric || report.metric === null ? report.maximize : true;
  const points = sortedPoints(report.points, sorted, order);
  return (
    <section className="jp-nbship-Job-part">
      <h3>{trans.__('Points')}</h3>
      <div className="jp-nbship-Job-scroll">
        <table className="jp-nbship-Table jp-nbship-Points">
          <thead>
            <tr>
              <th scope="col">{trans.__('point')}</th>
              {names.map(name => (
                <th scope="col" key={`p-${name}`}>
                  {name}
                </th>
              ))}
              {metrics.slice(0, SHOWN_METRICS).map(name => (
                <th
                  scope="col"
                  key={`m-${name}`}
                  className="jp-mod-number"
                  aria-sort={name === sorted ? (order ? 'descending' : 'ascending') : undefined}
                >
                  {name}
                </th>
              ))}
              <th scope="col">{trans.__('state')}</th>
              <th scope="col" className="jp-mod-number">
                {trans.__('time')}
              </th>
            </tr>
          </thead>
          <tbody>
            {points.slice(0, SHOWN_POINTS).map(point => (
              <tr key={point.index} className={rowClass(point, report, selected)}>
                <th scope="row">
                  <button
                    type="button"
                    className="jp-nbship-Link"
                    aria-pressed={point.index === selected}
                    onClick={() => onSelect(point.index)}
                  >
                    {trans.__('#%1', point.index + 1)}
                  </button>
                  {point.index === report.best && (
                    <span className="jp-nbship-Points-best">{trans.__('★ best')}</span>
                  )}
                </th>
                {names.map(name => (
                  <td key={`p-${name}`}>{paramText(point.params[name])}</td>
                ))}
                {metrics.slice(0, SHOWN_METRICS).map(name => (
                  <td
                    key={`m-${name}`}
                    className="jp-mod-number"
                    title={String(point.metrics[name] ?? '')}
                  >
                    {name in point.metrics ? formatNumber(point.metrics[name], locale) : ''}
                  </td>
                ))}
                <td>
                  <PointState point={point} />
                </td>
                <td className="jp-mod-number">
                  {point.seconds > 0 ? formatDuration(point.seconds, trans) : ''}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {points.length > SHOWN_POINTS && (
        <p className="jp-nbship-Muted">
          {trans.__('The best %1 of %2 points are listed.', SHOWN_POINTS, points.length)}
        </p>
      )}
    </section>
  );
}

function rowClass(point: ISweepPoint, report: ISweepReport, selected: number | null): string {
  const classes = [
    point.index === report.best && 'jp-mod-best',
    point.index === selected && 'jp-mod-selected'
  ];
  return classes.filter(Boolean).join(' ');
}

function PointState({ point }: { point: ISweepPoint }): React.ReactElement {
  const { trans } = useNbship();
  if (point.state === 'running' && point.progress) {
    return (
      <progress
        className="jp-nbship-Progress jp-mod-small"
        max={1}
        value={progressShare(point.progress)}
        aria-label={trans.__('Progress of point %1', point.index + 1)}
      />
    );
  }
  return <StateMark state={point.state} />;
}

function Point({ job, point }: { job: JobJson; point: ISweepPoint }): React.ReactElement {
  const { trans } = useNbship();
  const params = Object.entries(point.params).map(
    ([name, value]) => `${name} = ${paramText(value)}`
  );
  return (
    <section className="jp-nbship-StepDetail" aria-label={trans.__('Point %1', point.index + 1)}>
      <h3 className="jp-nbship-StepDetail-head">
        <span>{trans.__('Point #%1', point.index + 1)}</span>
        <StateMark state={point.state} />
        <span className="jp-nbship-Muted jp-nbship-Cut">{params.join(', ')}</span>
      </h3>
      <RunLinks run={point.run} output={point.output_path} job={job} />
      {point.failure && <Failure failure={point.failure} output={point.output_path} job={job} />}
    </section>
  );
}

/** Write the value of a parameter. */
export function paramText(value: ISweepPoint['params'][string] | undefined): string {
  return value === undefined ? '' : value === null ? 'None' : String(value);
}

const SHOWN_METRICS = 4;
const SHOWN_POINTS = 500;
