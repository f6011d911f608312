import * as React from 'react';

import { VirtualList } from '../../components';
import { useNbship } from '../../core/context';
import { openRunMenu } from './commands';
import type { RunActions } from './RunActions';
import type { RunList } from './run-list';
import { ROW_HEIGHT, RunRow, type IShownValue } from './RunRow';

export interface IRunRowsProps {
  list: RunList;
  actions: RunActions;
  shown: IShownValue;
  now: number;
}

/** The rows of the list: a press opens one, boxes and keys select several. */
export function RunRows({ list, actions, shown, now }: IRunRowsProps): React.ReactElement {
  const nbship = useNbship();
  const { trans } = nbship;
  const host = React.useRef<HTMLDivElement>(null);
  const open = React.useCallback((id: string) => actions.open(id), [actions]);
  const check = React.useCallback((id: string) => list.select(toggled(list.selection, id)), [list]);
  useLook(host, list);

  const menu = React.useCallback(
    (run: string, x: number, y: number) =>
      openRunMenu(nbship, list.selection.has(run) ? [...list.selection] : [run], x, y),
    [nbship, list]
  );
  const onMenu = React.useCallback(
    (run: string, event: React.MouseEvent) => {
      // The list selects the row that is pressed on, and with it unselects all others.
      if (list.selection.has(run)) {
        event.preventDefault();
        event.stopPropagation();
        menu(run, event.clientX, event.clientY);
      }
    },
    [list, menu]
  );
  const onKeyDown = (event: React.KeyboardEvent) => {
    const ids = [...list.selection];
    if (event.key === 'Delete' && ids.length > 0) {
      void actions.delete(ids);
    } else if (isMenuKey(event) && ids.length > 0) {
      const { left, top } = activeRow(event.currentTarget).getBoundingClientRect();
      menu(ids[0], left + ROW_HEIGHT, top + ROW_HEIGHT / 2);
    } else {
      return;
    }
    event.preventDefault();
  };

  const selecting = list.selection.size > 1 ? ' jp-mod-selecting' : '';
  return (
    <div
      ref={host}
      className={`jp-nbship-RunRows${selecting}`}
      aria-busy={list.loading}
      onKeyDown={onKeyDown}
    >
      <VirtualList
        label={trans.__('Runs')}
        count={list.count}
        rowHeight={ROW_HEIGHT}
        // A new function each time: what is loaded may have changed.
        rowKey={index => list.row(index)?.run.id}
        renderRow={(index, { selected }) => {
          const row = list.row(index);
          return (
            row && (
              <RunRow
                row={row}
                selected={selected}
                shown={shown}
                now={now}
                onCheck={check}
                onOpen={open}
                onMenu={onMenu}
              />
            )
          );
        }}
        onRange={(first, last) => list.need(first, last)}
        selection={list.selection}
        onSelect={ids => list.select(ids)}
        onOpen={open}
        onContextMenu={(run, event) => {
          event.preventDefault();
          menu(run, event.clientX, event.clientY);
        }}
      />
    </div>
  );
}

/** Tell the list which rows can be seen. */
function useLook(host: React.RefObject<HTMLElement>, list: RunList): void {
  React.useEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const look = (event: Event) => {
      const { scrollTop, clientHeight } = event.target as HTMLElement;
      list.look(
        Math.floor(scrollTop / ROW_HEIGHT),
        Math.min(list.count - 1, Math.ceil((scrollTop + clientHeight) / ROW_HEIGHT))
      );
    };
    // Scrolling does not bubble.
    node.addEventListener('scroll', look, { capture: true, passive: true });
    return () => node.removeEventListener('scroll', look, { capture: true });
  }, [host, list]);
}

function toggled(selection: ReadonlySet<string>, id: string): string[] {
  return selection.has(id) ? [...selection].filter(each => each !== id) : [...selection, id];
}

function isMenuKey(event: React.KeyboardEvent): boolean {
  return event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
}

function activeRow(host: Element): Element {
  return host.querySelector('.jp-nbship-VirtualList-row.jp-mod-active') ?? host;
}
