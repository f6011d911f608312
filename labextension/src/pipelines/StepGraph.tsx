import * as React from 'react';

import type { Schemas } from '../api/operations';
import { useNbship } from '../core/context';
import { formatDuration } from '../components/Time';
import { hasEnded, type IStepReport, type StepStateWord } from './reports';
import { STATE_SIGNS, stateClass, stateWord } from './StateMark';

/** What the graph shows of a step. */
export type GraphStep = Pick<IStepReport, 'name' | 'state' | 'seconds' | 'reason' | 'progress'> & {
  /** What stands below the name instead of the state: the step has none before it runs. */
  line?: string;
  /** A quiet second line. */
  note?: string;
};

export interface IStepGraphProps {
  label: string;
  steps: readonly GraphStep[];
  layout: Schemas['GraphLayoutJson'];
  selected: string | null;
  onSelect: (step: string) => void;
}

/**
 * The graph of a pipeline. Its steps are buttons: one of them is in the order of Tab, the arrow keys go along the
 * edges and between neighbours, Home and End to the first and the last.
 */
export function StepGraph(props: IStepGraphProps): React.ReactElement {
  const { label, steps, layout, selected, onSelect } = props;
  const frame = React.useRef<HTMLDivElement>(null);
  const current = Math.max(
    steps.findIndex(step => step.name === selected),
    0
  );

  const onKeyDown = (event: React.KeyboardEvent) => {
    const to = neighbour(layout, current, event.key);
    if (to === null || !steps[to]) {
      return;
    }
    event.preventDefault();
    onSelect(steps[to].name);
    frame.current?.querySelectorAll<SVGElement>('[role=button]')[to]?.focus();
  };

  return (
    <div className="jp-nbship-StepGraph" ref={frame}>
      <svg
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label={label}
        onKeyDown={onKeyDown}
      >
        {layout.edges.map(edge => (
          <Edge key={`${edge.start}-${edge.end}`} points={edge.points} />
        ))}
        {steps.map((step, index) => (
          <Box
            key={step.name}
            step={step}
            box={layout.boxes[index]}
            isSelected={step.name === selected}
            isReachable={index === current}
            onSelect={() => onSelect(step.name)}
          />
        ))}
      </svg>
    </div>
  );
}

type Layout = Schemas['GraphLayoutJson'];

/** Return the number of the step that a key leads to. */
export function neighbour(layout: Layout, from: number, key: string): number | null {
  const { boxes, edges } = layout;
  if (key === 'Home' || key === 'End') {
    return key === 'Home' ? 0 : boxes.length - 1;
  }
  if (key === 'ArrowRight' || key === 'ArrowLeft') {
    const found = edges.filter(edge => (key === 'ArrowRight' ? edge.start : edge.end) === from);
    const ends = found.map(edge => (key === 'ArrowRight' ? edge.end : edge.start));
    return nearest(boxes, from, ends);
  }
  if (key === 'ArrowDown' || key === 'ArrowUp') {
    const sign = key === 'ArrowDown' ? 1 : -1;
    const column = boxes.flatMap((box, index) =>
      box[0] === boxes[from][0] && sign * (box[1] - boxes[from][1]) > 0 ? [index] : []
    );
    return nearest(boxes, from, column);
  }
  return null;
}

function nearest(boxes: Layout['boxes'], from: number, others: readonly number[]): number | null {
  const away = (index: number) =>
    Math.abs(boxes[index][0] - boxes[from][0]) + Math.abs(boxes[index][1] - boxes[from][1]);
  return others.reduce<number | null>(
    (best, index) => (best === null || away(index) < away(best) ? index : best),
    null
  );
}

interface IBoxProps {
  step: GraphStep;
  box: Layout['boxes'][number] | undefined;
  isSelected: boolean;
  isReachable: boolean;
  onSelect: () => void;
}

function Box({
  step,
  box,
  isSelected,
  isReachable,
  onSelect
}: IBoxProps): React.ReactElement | null {
  const { trans } = useNbship();
  if (!box) {
    return null;
  }
  const [left, top, width, height] = box;
  const word = stateWord(step.state, trans);
  const share = step.state === 'running' && step.progress ? progressShare(step.progress) : null;
  const seconds = timeOf(step);
  const parts = [
    share === null ? word : cellsWord(step, trans),
    seconds && formatDuration(seconds, trans)
  ];
  const line = step.line ?? parts.filter(Boolean).join(' · ');
  const note = step.note ?? step.reason;
  return (
    <g
      className={`jp-nbship-StepGraph-box ${stateClass(step.state)}${isSelected ? ' jp-mod-selected' : ''}`}
      transform={`translate(${left} ${top})`}
      role="button"
      tabIndex={isReachable ? 0 : -1}
      aria-pressed={isSelected}
      aria-label={[step.name, line, note].filter(Boolean).join(', ')}
      onClick={onSelect}
      onKeyDown={event => {
        if (event.key === 'Enter' || event.key === ' ') {
          event.preventDefault();
          onSelect();
        }
      }}
    >
      <title>{[step.name, line, note].filter(Boolean).join('\n')}</title>
      <rect className="jp-nbship-StepGraph-frame" width={width} height={height} rx={4} />
      <foreignObject width={width} height={height}>
        <div className="jp-nbship-StepGraph-text">
          <div className="jp-nbship-StepGraph-name">
            {step.line === undefined && (
              <span className="jp-nbship-StateMark-sign" aria-hidden="true">
                {STATE_SIGNS[step.state]}
              </span>
            )}
            <span className="jp-nbship-Cut">{step.name}</span>
          </div>
          <div className="jp-nbship-StepGraph-state jp-nbship-Cut">{line}</div>
          <div className="jp-nbship-StepGraph-note jp-nbship-Cut">{note}</div>
        </div>
      </foreignObject>
      {share !== null && (
        <rect className="jp-nbship-StepGraph-bar" y={height - 3} width={width * share} height={3} />
      )}
    </g>
  );
}

function Edge({ points }: { points: readonly (readonly number[])[] }): React.ReactElement {
  const [endX, endY] = points[points.length - 1];
  return (
    <g className="jp-nbship-StepGraph-edge" aria-hidden="true">
      <path d={edgePath(points)} />
      <path className="jp-nbship-StepGraph-head" d={`M${endX} ${endY}l-7 -4v8z`} />
    </g>
  );
}

/** Return a line that leaves and enters level: it bends between the layers and is straight within them. */
export function edgePath(points: readonly (readonly number[])[]): string {
  const parts = [`M${points[0][0]} ${points[0][1]}`];
  for (let at = 0; at + 1 < points.length; at += 2) {
    const [x1, y1] = points[at];
    const [x2, y2] = points[at + 1];
    const end = at + 2 === points.length ? x2 - ARROW : x2;
    const middle = (x1 + end) / 2;
    parts.push(at > 0 ? `L${x1} ${y1}` : '', `C${middle} ${y1} ${middle} ${y2} ${end} ${y2}`);
  }
  return parts.join('');
}

const ARROW = 5;

/** Return how much of a step is done, from 0 to 1. */
export function progressShare(progress: { done: number; total: number }): number {
  return Math.min(1, Math.max(0, progress.done / Math.max(progress.total, 1)));
}

function cellsWord(step: GraphStep, trans: ReturnType<typeof useNbship>['trans']): string {
  const { done = 0, total = 0 } = step.progress ?? {};
  return trans.__('cell %1 of %2', Math.min(done + 1, total), total);
}

function timeOf(step: GraphStep): number {
  const skipped: StepStateWord[] = ['cached', 'not run', 'waiting'];
  if (skipped.includes(step.state)) {
    return 0;
  }
  return hasEnded(step.state) ? step.seconds : (step.progress?.seconds ?? 0);
}
