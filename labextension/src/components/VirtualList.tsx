import * as React from 'react';

import { useSelection, type Selection } from './selection';

export interface IVirtualListProps {
  /** What the rows are, for screen readers. */
  label: string;
  /** How many rows there are, whether they are loaded or not. */
  count: number;
  /** The height of each row in pixels. */
  rowHeight: number;
  /** Return what tells a row from all others; undefined while it is not loaded. */
  rowKey: (index: number) => string | undefined;
  /** Return a row's content; it is asked for what can be seen only, and only once its key is known. */
  renderRow: (index: number, state: { active: boolean; selected: boolean }) => React.ReactNode;
  /** Called when rows come into view that are not loaded; the range includes `last`. */
  onRange?: (first: number, last: number) => void;
  /** The selected keys, if rows can be selected. */
  selection?: Selection;
  onSelect?: (selection: Selection) => void;
  /** Called on Enter and on a double click. */
  onOpen?: (key: string, index: number) => void;
  /** Called on a right click or the menu key, with the row already active. */
  onContextMenu?: (key: string, event: React.MouseEvent) => void;
  className?: string;
}

// Rows beyond the edges are rendered too, so that scrolling shows no gaps.
const OVERSCAN = 8;
// A fling over thousands of rows loads where it ends, not what it passes.
const SETTLED_MS = 60;

/** A list of very many rows of the same height, of which only those in view are rendered. */
export function VirtualList(props: IVirtualListProps): React.ReactElement {
  const { count, rowHeight, rowKey, onOpen } = props;
  const host = React.useRef<HTMLDivElement>(null);
  const id = React.useId();
  const view = useView(host, count, rowHeight);
  const select = useSelection(props);
  useMissing(view, props);

  const active = Math.min(select.active, count - 1);
  const reveal = (index: number) => scrollTo(host.current, index, rowHeight);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const page = Math.max(1, Math.floor((host.current?.clientHeight ?? 0) / rowHeight) - 1);
    const to = target(event.key, active, page, count);
    if (to !== null) {
      select.move(to, event);
      reveal(to);
    } else if (event.key === 'Enter' && active >= 0) {
      const key = rowKey(active);
      if (key !== undefined) {
        onOpen?.(key, active);
      }
    } else if (!select.press(event)) {
      return;
    }
    event.preventDefault();
  };

  return (
    <div
      ref={host}
      className={`jp-nbship-VirtualList ${props.className ?? ''}`}
      role="listbox"
      aria-label={props.label}
      aria-multiselectable={props.onSelect ? true : undefined}
      aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: count * rowHeight, position: 'relative' }} role="presentation">
        {rowsIn(view, active, count).map(index => (
          <Row
            key={index}
            id={`${id}-${index}`}
            index={index}
            list={props}
            active={index === active}
            onClick={event => select.click(index, event)}
          />
        ))}
      </div>
    </div>
  );
}

interface IView {
  first: number;
  last: number;
}

interface IRowProps {
  id: string;
  index: number;
  list: IVirtualListProps;
  active: boolean;
  onClick: (event: React.MouseEvent) => void;
}

function Row({ id, index, list, active, onClick }: IRowProps): React.ReactElement {
  const key = list.rowKey(index);
  const selected = key !== undefined && (list.selection?.has(key) ?? false);
  return (
    <div
      id={id}
      className={`jp-nbship-VirtualList-row${active ? ' jp-mod-active' : ''}${selected ? ' jp-mod-selected' : ''}`}
      role="option"
      aria-selected={selected}
      aria-posinset={index + 1}
      aria-setsize={list.count}
      aria-busy={key === undefined ? true : undefined}
      style={{ height: list.rowHeight, transform: `translateY(${index * list.rowHeight}px)` }}
      onClick={onClick}
      onDoubleClick={() => key !== undefined && list.onOpen?.(key, index)}
      onContextMenu={event => {
        if (key !== undefined && list.onContextMenu) {
          onClick(event);
          list.onContextMenu(key, event);
        }
      }}
    >
      {key === undefined ? (
        <span className="jp-nbship-VirtualList-missing" />
      ) : (
        list.renderRow(index, { active, selected })
      )}
    </div>
  );
}

/** Return which rows are in view, and follow scrolling and resizing. */
function useView(host: React.RefObject<HTMLElement>, count: number, rowHeight: number): IView {
  const [view, setView] = React.useState<IView>({ first: 0, last: 30 });
  React.useEffect(() => {
    const node = host.current;
    if (!node) {
      return;
    }
    const look = () => {
      const next = {
        first: Math.floor(node.scrollTop / rowHeight),
        last: Math.ceil((node.scrollTop + (node.clientHeight || 600)) / rowHeight)
      };
      setView(old => (old.first === next.first && old.last === next.last ? old : next));
    };
    const observer = new ResizeObserver(look);
    observer.observe(node);
    node.addEventListener('scroll', look, { passive: true });
    look();
    return () => {
      observer.disconnect();
      node.removeEventListener('scroll', look);
    };
  }, [host, rowHeight]);
  return {
    first: Math.min(view.first, Math.max(0, count - 1)),
    last: Math.min(view.last, count - 1)
  };
}

/** Ask for the rows in view that are not loaded, once scrolling has settled. */
function useMissing(view: IView, props: IVirtualListProps): void {
  const latest = React.useRef(props);
  latest.current = props;
  React.useEffect(() => {
    const timer = setTimeout(() => {
      const { count, rowKey, onRange } = latest.current;
      const first = Math.max(0, view.first - OVERSCAN);
      const last = Math.min(count - 1, view.last + OVERSCAN);
      for (let index = first; index <= last; index++) {
        if (rowKey(index) === undefined) {
          onRange?.(first, last);
          return;
        }
      }
    }, SETTLED_MS);
    return () => clearTimeout(timer);
  }, [view.first, view.last, props.count, props.rowKey]);
}

/** Return the indices to render; the active row is one of them wherever it is, for screen readers. */
function rowsIn(view: IView, active: number, count: number): number[] {
  const first = Math.max(0, view.first - OVERSCAN);
  const last = Math.min(count - 1, view.last + OVERSCAN);
  const rows = Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  return active < 0 || (active >= first && active <= last) ? rows : [...rows, active];
}

/** Return where a key goes from a row, or null for a key that goes nowhere. */
function target(key: string, active: number, page: number, count: number): number | null {
  const to: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + page,
    PageUp: active - page,
    Home: 0,
    End: count - 1
  };
  return key in to && count > 0 ? Math.min(Math.max(to[key], 0), count - 1) : null;
}

function scrollTo(node: HTMLElement | null, index: number, rowHeight: number): void {
  if (!node) {
    return;
  }
  const top = index * rowHeight;
  const bottom = top + rowHeight;
  if (top < node.scrollTop) {
    node.scrollTop = top;
  } else if (bottom > node.scrollTop + node.clientHeight) {
    node.scrollTop = bottom - node.clientHeight;
  }
}
