import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';

import type { RunJson } from './run-list';

/** Tags to be set, by name; null removes one. */
export type TagChange = Record<string, string | null>;

/** Ask which tags to set or remove; null when the user does not want to. */
export async function askTags(
  runs: RunJson[],
  count: number,
  trans: TranslationBundle
): Promise<TagChange | null> {
  const result = await showDialog({
    title: trans._n('Tag %1 run', 'Tag %1 runs', count),
    body: new TagBody(runs, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Set tags') })
    ],
    focusNodeSelector: 'input'
  });
  return result.button.accept ? result.value : null;
}

class TagBody extends ReactWidget implements Dialog.IBodyWidget<TagChange> {
  constructor(
    private _runs: RunJson[],
    private _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-nbship-TagBody');
  }

  getValue(): TagChange {
    return this._change;
  }

  protected render(): React.ReactElement {
    return (
      <TagForm
        tags={ownTags(this._runs)}
        trans={this._trans}
        onChange={change => void (this._change = change)}
      />
    );
  }

  private _change: TagChange = {};
}

interface ITagFormProps {
  /** The tags that the runs have, with the value that all share, or null where they differ. */
  tags: [string, string | null][];
  trans: TranslationBundle;
  onChange: (change: TagChange) => void;
}

export function TagForm({ tags, trans, onChange }: ITagFormProps): React.ReactElement {
  const [name, setName] = React.useState('');
  const [value, setValue] = React.useState('');
  const [removed, setRemoved] = React.useState<ReadonlySet<string>>(new Set());
  const id = React.useId();
  React.useEffect(() => {
    const change: TagChange = Object.fromEntries([...removed].map(tag => [tag, null]));
    if (name.trim() !== '') {
      change[name.trim()] = value;
    }
    onChange(change);
  }, [name, value, removed, onChange]);
  const toggle = (tag: string) => {
    const others = [...removed].filter(each => each !== tag);
    setRemoved(new Set(removed.has(tag) ? others : [...others, tag]));
  };
  return (
    <div className="jp-nbship-TagForm">
      <div className="jp-nbship-TagForm-fields">
        <label>
          {trans.__('Name')}
          <input
            className="jp-nbship-Input"
            value={name}
            list={`${id}-names`}
            placeholder={trans.__('team')}
            onChange={event => setName(event.target.value)}
          />
        </label>
        <label>
          {trans.__('Value')}
          <input
            className="jp-nbship-Input"
            value={value}
            onChange={event => setValue(event.target.value)}
          />
        </label>
        <datalist id={`${id}-names`}>
          {tags.map(([tag]) => (
            <option key={tag} value={tag} />
          ))}
        </datalist>
      </div>
      {tags.length > 0 && (
        <fieldset className="jp-nbship-TagForm-tags">
          <legend>{trans.__('Keep these tags')}</legend>
          {tags.map(([tag, shared]) => (
            <label key={tag}>
              <input type="checkbox" checked={!removed.has(tag)} onChange={() => toggle(tag)} />
              <span>
                {tag}
                <span className="jp-nbship-Muted">
                  {' '}
                  = {shared ?? trans.__('(different values)')}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}

// What MLflow and nbship keep in tags is not the user's.
const THEIRS = /^(mlflow|nbship)\./;

/** Return the users' tags of runs, with the value that all share. */
export function ownTags(runs: RunJson[]): [string, string | null][] {
  const names = new Set(runs.flatMap(run => Object.keys(run.tags)));
  return [...names]
    .filter(name => !THEIRS.test(name))
    .sort()
    .map(name => {
      const values = new Set(runs.map(run => run.tags[name]));
      return [name, values.size === 1 ? runs[0].tags[name] : null];
    });
}
