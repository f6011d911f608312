import * as React from 'react';

import { useNbship } from '../../core/context';

export interface IFilteredProps<T> {
  items: readonly T[];
  /** What is searched of an item. */
  text: (item: T) => string;
  /** Up to so many, nothing is searched and all are shown. */
  few?: number;
  /** So many are shown at first. */
  most?: number;
  /** What the search field says. */
  placeholder?: string;
  children: (shown: readonly T[]) => React.ReactNode;
}

/** Items that are searched by words, and of which only the first are shown where they are many. */
export function Filtered<T>(props: IFilteredProps<T>): React.ReactElement {
  const { items, text, few = 15, most = 100, children } = props;
  const { trans } = useNbship();
  const [query, setQuery] = React.useState('');
  const [all, setAll] = React.useState(false);
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found =
    words.length === 0
      ? items
      : items.filter(item => {
          const whole = text(item).toLowerCase();
          return words.every(word => whole.includes(word));
        });
  const shown = all ? found : found.slice(0, most);
  const placeholder = props.placeholder ?? trans.__('Filter');
  return (
    <>
      {items.length > few && (
        <input
          type="search"
          className="jp-nbship-Input jp-nbship-Run-filter"
          placeholder={placeholder}
          aria-label={placeholder}
          value={query}
          onChange={event => setQuery(event.target.value)}
        />
      )}
      {shown.length > 0 ? (
        children(shown)
      ) : (
        <p className="jp-nbship-Muted" role="status">
          {trans.__('Nothing matches "%1".', query)}
        </p>
      )}
      {shown.length < found.length && (
        <button type="button" className="jp-nbship-Button" onClick={() => setAll(true)}>
          {trans.__('Show all %1', found.length)}
        </button>
      )}
    </>
  );
}
