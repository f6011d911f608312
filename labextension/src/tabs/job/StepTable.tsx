import * as React from 'react';

import { formatDuration } from '../../components/Time';
import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import type { IPipelineReport, IStepReport } from '../../pipelines/reports';
import { StateMark } from '../../pipelines/StateMark';

export interface IStepTableProps {
  job: JobJson;
  report: IPipelineReport;
  selected: string;
  onSelect: (step: string) => void;
}

/** The steps of a pipeline as a table, which says the same as its graph. */
export function StepTable({ report, selected, onSelect }: IStepTableProps): React.ReactElement {
  const { locale, trans } = useNbship();
  const needs = (step: string) =>
    report.edges.filter(([, user]) => user === step).map(([maker]) => maker);
  return (
    <section className="jp-nbship-Job-part">
      <h3>{trans.__('Steps')}</h3>
      <div className="jp-nbship-Job-scroll">
        <table className="jp-nbship-Table">
          <thead>
            <tr>
              <th scope="col">{trans.__('step')}</th>
              <th scope="col">{trans.__('state')}</th>
              <th scope="col">{trans.__('after')}</th>
              <th scope="col">{trans.__('why')}</th>
              <th scope="col" className="jp-mod-number">
                {trans.__('time')}
              </th>
              <th scope="col">{trans.__('metrics')}</th>
            </tr>
          </thead>
          <tbody>
            {report.steps.map(step => (
              <tr key={step.name} className={step.name === selected ? 'jp-mod-selected' : ''}>
                <th scope="row">
                  <button
                    type="button"
                    className="jp-nbship-Link"
                    aria-current={step.name === selected}
                    onClick={() => onSelect(step.name)}
                  >
                    {step.name}
                  </button>
                </th>
                <td>
                  <StateMark state={step.state} />
                </td>
                <td>{needs(step.name).join(', ')}</td>
                <td className="jp-nbship-StepTable-why">{step.failure?.message ?? step.reason}</td>
                <td className="jp-mod-number">
                  {step.seconds > 0 ? formatDuration(step.seconds, trans) : ''}
                </td>
                <td>{metricText(step, locale)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function metricText({ metrics }: IStepReport, locale: string): string {
  const pairs = Object.entries(metrics).slice(0, SHOWN_METRICS);
  return pairs.map(([name, value]) => `${name} ${formatNumber(value, locale)}`).join(' · ');
}

const SHOWN_METRICS = 3;
