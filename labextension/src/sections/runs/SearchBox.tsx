import { closeIcon, searchIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../../components';
import { useNbship } from '../../core/context';
import { SearchHelp } from './SearchHelp';

export interface ISearchBoxProps {
  text: string;
  onSearch: (text: string) => void;
  /** What is wrong with what is searched for. */
  error: string | null;
  busy: boolean;
  /** The metric that examples speak of. */
  metric: string | null;
}

// A filter is written in several goes, and half of one is wrong.
const WORDS_MS = 250;
const FILTER_MS = 800;
const FILTER = /^\s*(metrics?|params?|parameters?|tags?|attributes?|attr|run|datasets?)\./i;

/** Where runs are searched: while it is written, after a pause, and at once on Enter. */
export function SearchBox(props: ISearchBoxProps): React.ReactElement {
  const { text, onSearch, error, busy, metric } = props;
  const { trans } = useNbship();
  const [written, write] = React.useState(text);
  const id = React.useId();
  const input = React.useRef<HTMLInputElement>(null);
  const search = React.useRef(onSearch);
  search.current = onSearch;

  React.useEffect(() => write(text), [text]);
  React.useEffect(() => {
    if (written === text) {
      return;
    }
    const pause = FILTER.test(written) ? FILTER_MS : WORDS_MS;
    const timer = setTimeout(() => search.current(written), pause);
    return () => clearTimeout(timer);
  }, [written, text]);

  const set = (value: string) => {
    write(value);
    onSearch(value);
    input.current?.focus();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      onSearch(written);
    } else if (event.key === 'Escape' && written !== '') {
      set('');
      event.stopPropagation();
    }
  };

  return (
    <div className="jp-nbship-RunSearch" role="search">
      <div className={`jp-nbship-RunSearch-box${busy ? ' jp-mod-busy' : ''}`}>
        <searchIcon.react tag="span" className="jp-nbship-RunSearch-icon" aria-hidden="true" />
        <input
          ref={input}
          className="jp-nbship-Input"
          type="text"
          value={written}
          placeholder={trans.__('Search runs')}
          aria-label={trans.__('Search runs by words or a filter')}
          aria-invalid={error !== null || undefined}
          aria-describedby={error === null ? undefined : id}
          spellCheck={false}
          autoComplete="off"
          onChange={event => write(event.target.value)}
          onKeyDown={onKeyDown}
        />
        {written !== '' && (
          <IconButton
            icon={closeIcon}
            label={trans.__('Clear the search')}
            onClick={() => set('')}
          />
        )}
        <SearchHelp metric={metric} onChoose={set} />
      </div>
      {error !== null && (
        <p id={id} className="jp-nbship-RunSearch-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
