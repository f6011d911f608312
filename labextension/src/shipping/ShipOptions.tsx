import * as React from 'react';

import { Field } from '../components';
import { useNbship } from '../core/context';
import { useResource } from '../core/resource';
import type { Schemas } from '../api/operations';
import type { ShipKind, ShipOptions } from './ship';

interface IProps {
  kind: ShipKind;
  options: ShipOptions;
  /** Whether they are unfolded at first. */
  open?: boolean;
  onChange: (options: ShipOptions) => void;
}

/** The options of shipping, folded: the defaults are sensible. */
export function ShipOptionsForm(props: IProps): React.ReactElement {
  const { api, trans } = useNbship();
  const { kind, options, onChange } = props;
  const { data } = useResource(signal => api.get('/shipping/means', { signal }), []);
  const set = (changes: ShipOptions) => onChange({ ...options, ...changes });
  return (
    <details className="jp-nbship-Ship-options" open={props.open}>
      <summary>{trans.__('More options')}</summary>
      <div className="jp-nbship-Ship-fields">
        <Text
          label={trans.__('Name')}
          help={trans.__(
            'What it is called in addresses and images; the name of the model without.'
          )}
          value={options.name}
          onChange={name => set({ name })}
        />
        <Text
          label={trans.__('Method that answers')}
          placeholder={METHOD}
          help={trans.__('Such as predict_proba.')}
          value={options.method}
          onChange={method => set({ method })}
        />
        {kind === 'serve' ? (
          <ServeOptions options={options} set={set} means={data?.means} />
        ) : (
          <PackageOptions options={options} set={set} means={data?.means} />
        )}
      </div>
    </details>
  );
}

interface IPartProps {
  options: ShipOptions;
  set: (changes: ShipOptions) => void;
  means?: Schemas['ShippingMeans'];
}

function ServeOptions({ options, set, means }: IPartProps): React.ReactElement {
  const { trans } = useNbship();
  return (
    <>
      <Text
        label={trans.__('Port')}
        placeholder={trans.__('a free one')}
        value={options.port == null ? '' : String(options.port)}
        numeric
        onChange={text => set({ port: text === '' ? undefined : Number(text) })}
      />
      <Field
        label={trans.__('Served by')}
        help={means && means.engine === '' ? means.engine_problem : undefined}
      >
        {attributes => (
          <select
            {...attributes}
            className="jp-nbship-Select"
            value={options.kind ?? ''}
            onChange={event => set({ kind: event.target.value })}
          >
            <option value="">{trans.__('a container if there is an engine')}</option>
            <option value="process">{trans.__('a process of this machine')}</option>
            {means?.engine !== '' && <option value="container">{trans.__('a container')}</option>}
          </select>
        )}
      </Field>
      <Check
        label={trans.__('Replace what is served under this name')}
        checked={options.replace ?? false}
        onChange={replace => set({ replace })}
      />
    </>
  );
}

function PackageOptions({ options, set, means }: IPartProps): React.ReactElement {
  const { trans } = useNbship();
  const base = means?.base_image || trans.__('python:VERSION-slim');
  return (
    <>
      <Text
        label={trans.__('Name and tag')}
        placeholder={REFERENCE}
        value={options.reference}
        onChange={reference => set({ reference })}
      />
      <Text
        label={trans.__('Base image')}
        placeholder={base}
        help={
          means?.base_problem ||
          trans.__('A reference, an image of the engine, an OCI layout or an archive.')
        }
        value={options.base}
        onChange={text => set({ base: text })}
      />
      <Text
        label={trans.__('Push to')}
        placeholder={PUSHED}
        value={options.push}
        onChange={push => set({ push })}
      />
      <Text
        label={trans.__('Write a tarball')}
        placeholder={TARBALL}
        help={trans.__('A path in the folder of JupyterLab.')}
        value={options.archive}
        onChange={archive => set({ archive })}
      />
      {means?.engine && (
        <Check
          label={trans.__('Load it into the local engine')}
          checked={options.load ?? true}
          onChange={load => set({ load })}
        />
      )}
      <Check
        label={trans.__('Build twice and compare the digests')}
        checked={options.verify ?? false}
        onChange={verify => set({ verify })}
      />
    </>
  );
}

function Text(props: {
  label: string;
  help?: string;
  placeholder?: string;
  value: string | undefined;
  numeric?: boolean;
  onChange: (text: string) => void;
}): React.ReactElement {
  const { numeric, onChange } = props;
  return (
    <Field label={props.label} help={props.help}>
      {attributes => (
        <input
          {...attributes}
          type="text"
          className="jp-nbship-Input"
          inputMode={numeric ? 'numeric' : undefined}
          placeholder={props.placeholder}
          spellCheck={false}
          autoComplete="off"
          value={props.value ?? ''}
          onChange={({ target }) =>
            onChange(numeric ? target.value.replace(/\D/g, '') : target.value)
          }
        />
      )}
    </Field>
  );
}

function Check(props: {
  label: string;
  checked: boolean;
  onChange: (checked: boolean) => void;
}): React.ReactElement {
  return (
    <label className="jp-nbship-Ship-check">
      <input
        type="checkbox"
        checked={props.checked}
        onChange={event => props.onChange(event.target.checked)}
      />
      {props.label}
    </label>
  );
}

// What is typed is the same in every language.
const METHOD = 'predict';
const REFERENCE = 'team/model:1';
const PUSHED = 'registry.example/team/model:1';
const TARBALL = 'model.tar';
