import { folderIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { ErrorNote, Field, IconButton, formatAgo, formatBytes } from '../../components';
import { useNbship } from '../../core/context';
import { useResource } from '../../core/resource';
import { choicesOf, sideLabel, type IChoice, type Side, type Source } from './sources';

export interface ISourcePickerProps {
  role: 'reference' | 'current';
  label: string;
  help?: string;
  side: Side | null;
  onChange: (side: Side | null) => void;
  /** Asks for a file of the server; without it there is no button for that. */
  browse?: () => Promise<string | null>;
}

/** A field that finds a dataset while one types: data of runs, files, logs of services; or the path of a file. */
export function SourcePicker(props: ISourcePickerProps): React.ReactElement {
  const { trans } = useNbship();
  const { role, label, help, side, onChange, browse } = props;
  const [text, setText] = React.useState<string | null>(null);
  const [open, setOpen] = React.useState(false);
  const [active, setActive] = React.useState(0);
  const search = useSettled(open ? (text ?? '') : '', SETTLE_MS);
  const { choices, error, more, problem, reload } = useChoices(role, search, open);
  const list = React.useId();

  const choose = (choice: IChoice | undefined) => {
    const typed = text?.trim();
    if (choice) {
      onChange({ ...choice.side, label: choice.label });
    } else if (typed) {
      onChange({ kind: 'file', name: typed, label: typed });
    }
    setText(null);
    setOpen(false);
  };
  const move = (by: number) => {
    setOpen(true);
    setActive(Math.min(Math.max(active + by, 0), Math.max(choices.length - 1, 0)));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      move(open ? (event.key === 'ArrowDown' ? 1 : -1) : 0);
    } else if (event.key === 'Enter' && open) {
      choose(choices[active]);
    } else if (event.key === 'Escape' && open) {
      setText(null);
      setOpen(false);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <Field label={label} help={help}>
      {attributes => (
        <div className="jp-nbship-Picker">
          <div className="jp-nbship-Picker-row">
            <input
              {...attributes}
              className="jp-nbship-Input"
              role="combobox"
              aria-expanded={open}
              aria-controls={list}
              aria-autocomplete="list"
              aria-activedescendant={open && choices[active] ? `${list}-${active}` : undefined}
              autoComplete="off"
              spellCheck={false}
              placeholder={trans.__('Search, or type the path of a file')}
              title={side ? sideLabel(side) : undefined}
              value={text ?? (side ? sideLabel(side) : '')}
              onChange={event => {
                setText(event.target.value);
                setActive(0);
                setOpen(true);
              }}
              onClick={() => setOpen(true)}
              onFocus={event => event.target.select()}
              onBlur={() => {
                if (text === '') {
                  onChange(null);
                }
                setText(null);
                setOpen(false);
              }}
              onKeyDown={onKeyDown}
            />
            {browse && (
              <IconButton
                icon={folderIcon}
                label={trans.__('Browse files…')}
                onClick={() =>
                  void browse().then(path => {
                    if (path !== null) {
                      onChange({ kind: 'file', name: path, label: path });
                    }
                  })
                }
              />
            )}
          </div>
          {open && (
            <div className="jp-nbship-Picker-list">
              {error && <ErrorNote error={error} onRetry={reload} />}
              {problem && <p className="jp-nbship-Picker-note">{problem}</p>}
              <ul id={list} role="listbox" aria-label={label}>
                {choices.map((choice, at) => (
                  <Choice
                    key={at}
                    id={`${list}-${at}`}
                    choice={choice}
                    active={at === active}
                    onChoose={() => choose(choice)}
                  />
                ))}
              </ul>
              <Rest text={text} count={choices.length} more={more} />
            </div>
          )}
        </div>
      )}
    </Field>
  );
}

const SETTLE_MS = 150;

function Choice(props: {
  id: string;
  choice: IChoice;
  active: boolean;
  onChoose: () => void;
}): React.ReactElement {
  const { id, choice, active, onChoose } = props;
  const node = React.useRef<HTMLLIElement>(null);
  React.useEffect(() => {
    if (active) {
      node.current?.scrollIntoView?.({ block: 'nearest' });
    }
  }, [active]);
  return (
    <>
      {choice.group && (
        <li role="presentation" className="jp-nbship-Picker-group">
          {choice.group}
        </li>
      )}
      <li
        ref={node}
        id={id}
        role="option"
        aria-selected={active}
        className="jp-nbship-Picker-choice"
        title={choice.label}
        // The field would lose the focus first, and close the list.
        onMouseDown={event => event.preventDefault()}
        onClick={onChoose}
      >
        <span className="jp-nbship-Cut">{choice.label}</span>
        <span className="jp-nbship-Muted">{choice.note}</span>
      </li>
    </>
  );
}

/** What is not listed, and what Enter does then. */
function Rest(props: {
  text: string | null;
  count: number;
  more: boolean;
}): React.ReactElement | null {
  const { trans } = useNbship();
  const { text, count, more } = props;
  if (count > 0) {
    return more ? (
      <p className="jp-nbship-Picker-note">{trans.__('There is more: type to find it.')}</p>
    ) : null;
  }
  return (
    <p className="jp-nbship-Picker-note" role="status">
      {text?.trim()
        ? trans.__('Nothing is called so. Enter takes it as the path of a file.')
        : trans.__(
            'No data yet: track a cell that reads a table, or put a CSV or Parquet file into this folder.'
          )}
    </p>
  );
}

function useChoices(
  role: ISourcePickerProps['role'],
  search: string,
  open: boolean
): {
  choices: IChoice[];
  more: boolean;
  problem: string;
  error: ReturnType<typeof useResource>['error'];
  reload: () => void;
} {
  const { api, locale, trans } = useNbship();
  const { data, error, reload } = useResource(
    signal => (open ? api.get('/drift/sources', { query: { search }, signal }) : null),
    [open, search]
  );
  const choices = React.useMemo(() => {
    const note = (source: Source) =>
      [
        source.rows !== null ? trans.__('%1 rows', source.rows.toLocaleString(locale)) : '',
        source.size_bytes !== null ? formatBytes(source.size_bytes, locale) : '',
        source.when ? formatAgo(new Date(source.when), Date.now(), locale) : ''
      ]
        .filter(Boolean)
        .join(' · ');
    return data ? choicesOf(data, role, note, trans) : [];
  }, [data, role, locale, trans]);
  return { choices, more: data?.more ?? false, problem: data?.problem ?? '', error, reload };
}

/** Return a value when it has not changed for some time. */
export function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, settle] = React.useState(value);
  React.useEffect(() => {
    const timer = setTimeout(() => settle(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}
