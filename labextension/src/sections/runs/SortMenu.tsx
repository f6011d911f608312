import { caretDownIcon, caretUpIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { IconButton } from '../../components';
import { useNbship } from '../../core/context';
import { directionText, metricKey, paramKey, parseSort, sortText, usualDirection } from './sort';

export interface ISortMenuProps {
  sort: string;
  metrics: readonly string[];
  params: readonly string[];
  onSort: (sort: string) => void;
  /** Called when the choice is about to be looked at. */
  onFocus: () => void;
}

/** What runs are sorted by, and in which direction. */
export function SortMenu(props: ISortMenuProps): React.ReactElement {
  const { sort, metrics, params, onSort, onFocus } = props;
  const { trans } = useNbship();
  const chosen = parseSort(sort);
  const groups = [
    { label: trans.__('Metrics'), names: metrics, key: metricKey },
    { label: trans.__('Parameters'), names: params, key: paramKey }
  ].filter(group => group.names.length > 0);
  const known = [...metrics.map(metricKey), ...params.map(paramKey), ...Object.keys(OWN)];
  return (
    <>
      <select
        className="jp-nbship-Select jp-nbship-SortMenu"
        aria-label={trans.__('Sort runs by')}
        title={trans.__('Sort runs by')}
        value={chosen.key}
        onFocus={onFocus}
        onChange={({ target: { value: key } }) =>
          onSort(sortText({ key, descending: usualDirection(key) }))
        }
      >
        <option value="started">{trans.__('Started')}</option>
        <option value="duration">{trans.__('Duration')}</option>
        <option value="name">{trans.__('Name')}</option>
        {!known.includes(chosen.key) && (
          <option value={chosen.key}>{chosen.key.replace(/^\w+\./, '')}</option>
        )}
        {groups.map(group => (
          <optgroup key={group.label} label={group.label}>
            {group.names.map(name => (
              <option key={name} value={group.key(name)}>
                {name}
              </option>
            ))}
          </optgroup>
        ))}
      </select>
      <IconButton
        icon={chosen.descending ? caretDownIcon : caretUpIcon}
        label={directionText(chosen, trans)}
        onClick={() => onSort(sortText({ ...chosen, descending: !chosen.descending }))}
      />
    </>
  );
}

const OWN = { started: true, duration: true, name: true };
