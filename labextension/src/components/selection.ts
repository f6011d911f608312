import * as React from 'react';

/** The keys of the selected rows. */
export type Selection = ReadonlySet<string>;

interface IOptions {
  count: number;
  rowKey: (index: number) => string | undefined;
  selection?: Selection;
  onSelect?: (selection: Selection) => void;
}

interface IModifiers {
  shiftKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

export interface ISelecting {
  /** The row that the keyboard is at; -1 before there is one. */
  active: number;
  click: (index: number, modifiers: IModifiers) => void;
  /** Go to a row by keyboard; with Shift, select up to it. */
  move: (index: number, modifiers: IModifiers) => void;
  /** Space, Control+A and Escape; returns whether it was one of them. */
  press: (event: React.KeyboardEvent) => boolean;
}

/**
 * How a list of files is selected everywhere: a click selects one, with Control or Command one more, with
 * Shift all up to it.
 */
export function useSelection(options: IOptions): ISelecting {
  const { count, rowKey, selection = NONE, onSelect } = options;
  const [active, setActive] = React.useState(-1);
  const anchor = React.useRef(0);

  const select = (keys: Iterable<string>) => onSelect?.(new Set(keys));
  const only = (index: number) => {
    anchor.current = index;
    select(keysOf(rowKey, index, index));
  };
  const toggle = (index: number) => {
    anchor.current = index;
    select(toggled(selection, rowKey(index)));
  };
  const range = (index: number) => select(keysOf(rowKey, anchor.current, index));

  return {
    active,
    click: (index, { shiftKey, ctrlKey, metaKey }) => {
      setActive(index);
      (shiftKey ? range : ctrlKey || metaKey ? toggle : only)(index);
    },
    move: (index, { shiftKey, ctrlKey, metaKey }) => {
      if (shiftKey) {
        range(index);
      } else if (!ctrlKey && !metaKey) {
        only(index);
      }
      setActive(index);
    },
    press: event => {
      const command = event.ctrlKey || event.metaKey;
      if (event.key === ' ' && active >= 0) {
        toggle(active);
      } else if (event.key === 'a' && command && onSelect) {
        select(keysOf(rowKey, 0, count - 1));
      } else if (event.key === 'Escape' && selection.size > 0) {
        select([]);
      } else {
        return false;
      }
      return true;
    }
  };
}

const NONE: Selection = new Set();

/** Return the keys of the loaded rows between two, whichever comes first. */
function keysOf(rowKey: IOptions['rowKey'], from: number, to: number): string[] {
  const keys: string[] = [];
  for (let index = Math.min(from, to); index <= Math.max(from, to); index++) {
    const key = rowKey(index);
    if (key !== undefined) {
      keys.push(key);
    }
  }
  return keys;
}

function toggled(selection: Selection, key: string | undefined): string[] {
  if (key === undefined) {
    return [...selection];
  }
  return selection.has(key) ? [...selection].filter(each => each !== key) : [...selection, key];
}
