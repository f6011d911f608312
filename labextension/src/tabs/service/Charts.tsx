import * as React from 'react';

import { KeyValue } from '../../components';
import { useNbship } from '../../core/context';
import { points, recent, WINDOW_MS, type IPoint, type Reading } from '../../shipping/rates';
import { formatLatency, formatRate } from '../../shipping/words';
import type { INbship } from '../../tokens';
import { LineChart } from './LineChart';

/** How much a service is asked, how long it takes and what it answers, live. */
export function Charts(props: {
  readings: readonly Reading[];
  reading: Reading | null;
}): React.ReactElement {
  const { locale, trans } = useNbship();
  const { readings, reading } = props;
  if (!reading || reading.problem) {
    return (
      <p className="jp-nbship-Service-part jp-nbship-Muted">
        {reading?.problem || trans.__('The server does not answer, so nothing can be measured.')}
      </p>
    );
  }
  const line = points(readings);
  const now = recent(readings);
  const end = reading.at_ms;
  const series = (name: string, value: (point: IPoint) => number | null) => ({
    name,
    points: line.map(point => ({ at: point.at, value: value(point) }))
  });
  return (
    <div className="jp-nbship-Service-part jp-nbship-Service-charts">
      <LineChart
        title={trans.__('Requests')}
        words={formatRate(now?.requests ?? null, locale)}
        label={trans.__('Requests a second in the last five minutes')}
        format={value => formatRate(value, locale)}
        series={[series(trans.__('requests'), point => point.requests)]}
        start={end - WINDOW_MS}
        end={end}
      />
      <LineChart
        title={trans.__('Failed and refused')}
        words={trans.__(
          '%1 failed, %2 refused',
          formatRate(now?.errors ?? null, locale),
          formatRate(now?.refused ?? null, locale)
        )}
        label={trans.__('Failed and refused requests a second in the last five minutes')}
        format={value => formatRate(value, locale)}
        series={[
          series(trans.__('failed'), point => point.errors),
          series(trans.__('refused'), point => point.refused)
        ]}
        start={end - WINDOW_MS}
        end={end}
      />
      <LineChart
        title={trans.__('Time to answer')}
        words={trans.__(
          'half within %1, 99 % within %2',
          formatLatency(now?.p50 ?? null, locale),
          formatLatency(now?.p99 ?? null, locale)
        )}
        label={trans.__('Time to answer in the last five minutes')}
        format={value => formatLatency(value, locale)}
        series={[
          series(trans.__('half'), point => point.p50),
          series(trans.__('99 %'), point => point.p99)
        ]}
        start={end - WINDOW_MS}
        end={end}
      />
      <section className="jp-nbship-Service-since">
        <h2>{trans.__('Since it was started')}</h2>
        <KeyValue
          label={trans.__('Since it was started')}
          rows={sinceStart(props.reading, { locale, trans })}
        />
      </section>
      <Predictions reading={reading} />
    </div>
  );
}

function sinceStart(
  reading: Reading | null,
  { locale, trans }: Pick<INbship, 'locale' | 'trans'>
): { key: string; value: string }[] {
  if (!reading) {
    return [];
  }
  const count = (number: number) => number.toLocaleString(locale);
  return [
    { key: trans.__('Requests'), value: count(reading.requests) },
    { key: trans.__('Failed (5xx)'), value: count(reading.errors) },
    { key: trans.__('Refused (4xx)'), value: count(reading.refused) },
    { key: trans.__('In work now'), value: count(reading.in_flight) },
    {
      key: trans.__('Half within'),
      value: formatLatency(reading.p50_seconds, locale)
    },
    {
      key: trans.__('99 % within'),
      value: formatLatency(reading.p99_seconds, locale)
    },
    ...(reading.dropped > 0
      ? [{ key: trans.__('Rows that were not logged'), value: count(reading.dropped) }]
      : [])
  ];
}

/** What was answered, by label, the most frequent first. */
function Predictions({ reading }: { reading: Reading }): React.ReactElement | null {
  const { locale, trans } = useNbship();
  const counts = Object.entries(reading.predictions ?? {}).sort(([, a], [, b]) => b - a);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) {
    return null;
  }
  return (
    <section className="jp-nbship-Service-since">
      <h2>{trans.__('Answers')}</h2>
      <table className="jp-nbship-KeyValue" aria-label={trans.__('Answers by label')}>
        <tbody>
          {counts.map(([label, count]) => (
            <tr key={label}>
              <th scope="row" className="jp-nbship-Service-column" title={label}>
                {label}
              </th>
              <td className="jp-nbship-Service-number">{count.toLocaleString(locale)}</td>
              <td aria-hidden="true">
                <span className="jp-nbship-Service-bar">
                  <span style={{ width: `${(count / total) * 100}%` }} />
                </span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
