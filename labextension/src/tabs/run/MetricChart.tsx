import type { PartialJSONObject } from '@lumino/coreutils';
import * as React from 'react';

import { MimeBundle } from '../../components';
import { formatNumber } from '../../components/numbers';
import { useNbship } from '../../core/context';
import { linePath, scaleOf } from './chart-scale';
import type { MetricHistory } from './MetricsTable';

const PLOTLY = 'application/vnd.plotly.v1+json';

/** All values of a metric: an interactive chart where this Lab has plotly, else a drawing. */
export function MetricChart({ history }: { history: MetricHistory }): React.ReactElement {
  const { rendermime, trans } = useNbship();
  const bundle = React.useMemo(() => plotly(history), [history]);
  const label = trans.__('%1 by step', history.key);
  return (
    <div className="jp-nbship-Run-chart">
      {rendermime.mimeTypes.includes(PLOTLY) ? (
        <MimeBundle bundle={bundle} label={label} />
      ) : (
        <Drawing history={history} label={label} />
      )}
      {history.total > history.values.length && (
        <p className="jp-nbship-Muted">
          {trans.__('%1 of %2 values are drawn.', history.values.length, history.total)}
        </p>
      )}
    </div>
  );
}

const WIDTH = 480;
const HEIGHT = 180;
const LEFT = 56;
const BOTTOM = 20;
const TOP = 8;

function Drawing(props: { history: MetricHistory; label: string }): React.ReactElement {
  const { locale } = useNbship();
  const { history, label } = props;
  const xs = scaleOf(history.steps);
  const ys = scaleOf(history.values.flatMap(value => (value === null ? [] : [value])));
  const x = (step: number) => LEFT + xs.at(step) * (WIDTH - LEFT - 8);
  const y = (value: number) => TOP + (1 - ys.at(value)) * (HEIGHT - TOP - BOTTOM);
  return (
    <svg
      className="jp-nbship-Run-drawing"
      role="img"
      aria-label={label}
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
    >
      {ys.ticks.map(tick => (
        <g key={tick}>
          <line x1={LEFT} x2={WIDTH - 8} y1={y(tick)} y2={y(tick)} />
          <text x={LEFT - 6} y={y(tick)} textAnchor="end" dominantBaseline="middle">
            {formatNumber(tick, locale)}
          </text>
        </g>
      ))}
      {[xs.low, xs.high].map((step, at) => (
        <text key={at} x={x(step)} y={HEIGHT - 4} textAnchor={at ? 'end' : 'start'}>
          {formatNumber(step, locale)}
        </text>
      ))}
      <path d={linePath(history.steps, history.values, x, y)} />
    </svg>
  );
}

function plotly(history: MetricHistory): PartialJSONObject {
  const axis = {
    gridcolor: color('--jp-border-color2'),
    zerolinecolor: color('--jp-border-color1')
  };
  return {
    [PLOTLY]: {
      data: [
        {
          type: 'scatter',
          mode: history.values.length > 60 ? 'lines' : 'lines+markers',
          x: history.steps,
          y: history.values,
          line: { color: color('--jp-brand-color1') }
        }
      ],
      layout: {
        height: 240,
        margin: { l: 56, r: 16, t: 8, b: 40 },
        // The name of the metric is left out: plotly would take markup within it for such.
        xaxis: { ...axis, title: { text: 'step' } },
        yaxis: axis,
        font: { color: color('--jp-ui-font-color1') },
        paper_bgcolor: 'rgba(0,0,0,0)',
        plot_bgcolor: 'rgba(0,0,0,0)',
        showlegend: false
      }
    }
  };
}

/** Return a colour of the theme: plotly knows no variables of CSS. */
function color(variable: string): string {
  return getComputedStyle(document.body).getPropertyValue(variable).trim() || 'gray';
}
