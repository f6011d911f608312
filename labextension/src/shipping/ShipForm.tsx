import * as React from 'react';

import { ErrorNote, Code } from '../components';
import { useNbship } from '../core/context';
import { useResource } from '../core/resource';
import { ModelChoice } from './ModelChoice';
import { ShipOptionsForm } from './ShipOptions';
import { RunPicker } from './RunPicker';
import { bodyOf, type IShipment, type ShipKind, type ShipOptions } from './ship';

export interface IShipFormProps {
  preset: Partial<IShipment> & { more?: boolean };
  /** Called with what would be shipped; null while it cannot be. */
  onChange: (shipment: IShipment | null) => void;
}

/** What to ship and how: the run, to serve or to package, the options, and the command that would do it. */
export function ShipForm({ preset, onChange }: IShipFormProps): React.ReactElement {
  const { trans } = useNbship();
  const [kind, setKind] = React.useState<ShipKind>(preset.kind ?? 'serve');
  const [run, setRun] = React.useState({ id: preset.run ?? '', name: preset.label ?? '' });
  const [model, setModel] = React.useState<string | null>(preset.run?.includes(':') ? '' : null);
  const [options, setOptions] = React.useState<ShipOptions>(preset.options ?? {});
  const node = React.useRef<HTMLDivElement>(null);
  const shipment: IShipment = { kind, run: model || run.id, label: run.name, options };
  const known = run.id !== '' && model !== null;
  const command = useCommand(known ? shipment : null);
  const ready = known && command.error === null;

  const tell = React.useRef(onChange);
  tell.current = onChange;
  const text = JSON.stringify(ready ? shipment : null);
  React.useEffect(() => {
    tell.current(JSON.parse(text) as IShipment | null);
    // JupyterLab's dialog looks for what is marked as an error when something is typed.
    node.current?.dispatchEvent(new Event('input', { bubbles: true }));
  }, [text]);

  return (
    <div ref={node} className={`jp-nbship-ShipForm${ready ? '' : ' jp-mod-error'}`}>
      {preset.run === undefined ? (
        <RunPicker
          onChange={chosen => {
            setRun(chosen);
            setModel(null);
          }}
        />
      ) : (
        preset.label && (
          <p className="jp-nbship-Ship-run" title={run.id}>
            {preset.label}
          </p>
        )
      )}
      {run.id !== '' && !preset.run?.includes(':') && (
        <ModelChoice key={run.id} run={run.id} onChange={setModel} />
      )}
      <KindChoice kind={kind} onChange={setKind} />
      <ShipOptionsForm kind={kind} options={options} open={preset.more} onChange={setOptions} />
      <div className="jp-nbship-Ship-verdict">
        {command.error && <ErrorNote error={command.error} />}
        {command.data && !command.error && (
          <Code
            source={command.data.command}
            label={trans.__('The command that does the same')}
            copy
          />
        )}
      </div>
    </div>
  );
}

function KindChoice(props: {
  kind: ShipKind;
  onChange: (kind: ShipKind) => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const name = React.useId();
  const kinds: [ShipKind, string, string][] = [
    [
      'serve',
      trans.__('Serve it'),
      trans.__('A server on this machine answers with the model, until you stop it.')
    ],
    [
      'package',
      trans.__('Build an image'),
      trans.__('A container image for other machines: a tarball, a registry, or the local engine.')
    ]
  ];
  return (
    <fieldset className="jp-nbship-Ship-kinds">
      <legend className="jp-nbship-Field-label">{trans.__('What to do')}</legend>
      {kinds.map(([kind, label, help]) => (
        <label key={kind}>
          <input
            type="radio"
            name={name}
            className={props.kind === kind ? 'jp-nbship-Ship-first' : undefined}
            checked={props.kind === kind}
            onChange={() => props.onChange(kind)}
          />
          <span>
            {label}
            <span className="jp-nbship-Field-note">{help}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

/** Return the command that would do it, or why it cannot be done. */
function useCommand(shipment: IShipment | null) {
  const { api } = useNbship();
  const asked = useSettled(shipment && JSON.stringify(shipment), SETTLE_MS);
  const found = useResource(
    signal => {
      if (asked === null) {
        return null;
      }
      const wanted = JSON.parse(asked) as IShipment;
      const body = bodyOf(wanted);
      return wanted.kind === 'serve'
        ? api.post('/shipping/serve/command', { body, signal })
        : api.post('/shipping/package/command', { body, signal });
    },
    [asked]
  );
  return found;
}

/** Return a value when it has not changed for a while; the first one at once. */
function useSettled<T>(value: T, milliseconds: number): T {
  const [settled, setSettled] = React.useState(value);
  React.useEffect(() => {
    const timer = setTimeout(() => setSettled(value), milliseconds);
    return () => clearTimeout(timer);
  }, [value, milliseconds]);
  return settled;
}

const SETTLE_MS = 200;
