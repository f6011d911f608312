import * as React from 'react';

import { useNbship } from '../../core/context';
import { kindWord, type Lineage, type LineageNode } from './LineagePart';
import { useOpenRun, useRun } from './parts';

// The text of a box: what fits into its width, in characters.
const FITS = 27;

/** A lineage from left to right. The arrow keys move between its things, Enter opens a run. */
export function LineageGraph({ lineage }: { lineage: Lineage }): React.ReactElement {
  const { trans } = useNbship();
  const { id } = useRun();
  const openRun = useOpenRun();
  const svg = React.useRef<SVGSVGElement>(null);
  const { nodes, layout } = lineage;
  const own = Math.max(
    nodes.findIndex(node => node.run === id),
    0
  );
  const [active, setActive] = React.useState(own);

  const go = (to: number | null) => {
    if (to !== null) {
      setActive(to);
      svg.current?.querySelectorAll<SVGGElement>('[data-node]')[to]?.focus();
    }
  };
  const onKeyDown = (event: React.KeyboardEvent, at: number) => {
    if (event.key in DIRECTIONS) {
      go(neighbour(lineage, at, DIRECTIONS[event.key]));
    } else if ((event.key === 'Enter' || event.key === ' ') && opens(nodes[at], id)) {
      openRun(nodes[at].run ?? '');
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="jp-nbship-Run-graph">
      <svg
        ref={svg}
        width={layout.width}
        height={layout.height}
        viewBox={`0 0 ${layout.width} ${layout.height}`}
        role="group"
        aria-label={trans.__('Lineage, from what was read to what was made of it')}
      >
        {layout.edges.map((edge, at) => (
          <path key={at} className="jp-nbship-Run-edge" d={edgePath(edge.points)} />
        ))}
        {nodes.map((node, at) => {
          const [x, y, width, height] = layout.boxes[at];
          const link = opens(node, id);
          return (
            <g
              key={node.id}
              data-node
              className={`jp-nbship-Run-node jp-mod-${node.kind}${node.run === id ? ' jp-mod-own' : ''}${link ? ' jp-mod-link' : ''}`}
              transform={`translate(${x} ${y})`}
              role={link ? 'link' : 'img'}
              aria-label={spoken(node, trans)}
              tabIndex={at === active ? 0 : -1}
              onFocus={() => setActive(at)}
              onKeyDown={event => onKeyDown(event, at)}
              onClick={() => (link ? openRun(node.run ?? '') : go(at))}
            >
              <title>{[node.label, node.detail].filter(Boolean).join('\n')}</title>
              <rect width={width} height={height} rx={2} />
              {/* An inner drawing cuts what is wider than the box, whatever the font. */}
              <svg width={width - 4} height={height}>
                <text x={8} y={16} className="jp-nbship-Run-kind">
                  {shortened(
                    [kindWord(node, trans), node.detail].filter(Boolean).join(' · '),
                    FITS + 4
                  )}
                </text>
                <text x={8} y={34}>
                  {shortened(node.label, FITS)}
                </text>
              </svg>
            </g>
          );
        })}
      </svg>
    </div>
  );
}

function opens(node: LineageNode, own: string): boolean {
  return Boolean(node.run) && node.run !== own;
}

function spoken(node: LineageNode, trans: ReturnType<typeof useNbship>['trans']): string {
  return [kindWord(node, trans), node.label, node.detail].filter(Boolean).join(', ');
}

/** Return a text that fits; of a path or a long name, the end says most. */
export function shortened(text: string, most: number): string {
  const letters = [...text];
  if (letters.length <= most) {
    return text;
  }
  return text.includes('/')
    ? `…${letters.slice(letters.length - most + 1).join('')}`
    : `${letters.slice(0, most - 1).join('')}…`;
}

type Direction = 'left' | 'right' | 'up' | 'down';

const DIRECTIONS: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down'
};

/** Return where an arrow key leads: along an edge, or to the next thing of the same column. */
export function neighbour(lineage: Lineage, at: number, direction: Direction): number | null {
  const { edges, boxes } = lineage.layout;
  if (direction === 'left') {
    return edges.find(edge => edge.end === at)?.start ?? null;
  }
  if (direction === 'right') {
    return edges.find(edge => edge.start === at)?.end ?? null;
  }
  const [x, y] = boxes[at];
  const column = boxes
    .map((box, index) => ({ index, x: box[0], y: box[1] }))
    .filter(box => box.x === x && (direction === 'up' ? box.y < y : box.y > y))
    .sort((a, b) => (direction === 'up' ? b.y - a.y : a.y - b.y));
  return column[0]?.index ?? null;
}

/** Return a path through points: it bends between the first and the second, the third and the fourth … */
export function edgePath(points: readonly (readonly [number, number])[]): string {
  if (points.length === 0) {
    return '';
  }
  let path = `M${points[0][0]} ${points[0][1]}`;
  for (let at = 1; at < points.length; at++) {
    const [x0, y0] = points[at - 1];
    const [x1, y1] = points[at];
    const middle = (x0 + x1) / 2;
    path += at % 2 === 1 ? `C${middle} ${y0} ${middle} ${y1} ${x1} ${y1}` : `L${x1} ${y1}`;
  }
  return path;
}
