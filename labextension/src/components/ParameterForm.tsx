import * as React from 'react';

import { useNbship } from '../core/context';
import { ParameterField } from './ParameterField';
import {
  fieldText,
  isEmptied,
  parseField,
  type FieldText,
  type ParameterJson,
  type Parsed
} from './parameter-values';

/** What is given for parameters: only what differs from the defaults. Secrets are never written down. */
export interface IGivenParameters {
  parameters: Record<string, unknown>;
  secrets: Record<string, string>;
}

export interface IParameterFormProps {
  parameters: readonly ParameterJson[];
  /** What is given at first, as JSON values or as texts, e.g. of an earlier run. */
  initial?: Readonly<Record<string, unknown>>;
  /** What holds where nothing is given, before the notebook's own defaults: what a pipeline sets. */
  preset?: Readonly<Record<string, unknown>>;
  /** What the server says about single parameters. */
  errors?: Readonly<Record<string, string>>;
  disabled?: boolean;
  /** Called at first and after every change; `valid` says whether the declared types and limits are kept. */
  onChange: (given: IGivenParameters, valid: boolean) => void;
}

/** A typed, editable form of the parameters of a notebook. */
export function ParameterForm(props: IParameterFormProps): React.ReactElement {
  const { parameters, initial, preset, errors = {}, disabled, onChange } = props;
  const { trans } = useNbship();
  const [texts, setTexts] = React.useState(() => initialTexts(parameters, initial));
  const [edited, setEdited] = React.useState<ReadonlySet<string>>(new Set());

  const parsed = React.useMemo(
    () =>
      parsedTexts(parameters, texts, parameter =>
        parseField(parameter, texts[parameter.name], trans)
      ),
    [parameters, texts, trans]
  );
  const tell = React.useRef(onChange);
  tell.current = onChange;
  React.useEffect(() => {
    const missing = parameters.some(
      each => each.required && !(each.name in parsed) && !(preset && each.name in preset)
    );
    const faulty = Object.values(parsed).some(each => 'error' in each);
    tell.current(given(parameters, parsed), !missing && !faulty);
  }, [parameters, parsed, preset]);

  const set = (name: string, text: FieldText | undefined) => {
    setTexts(({ [name]: _, ...others }) =>
      text === undefined ? others : { ...others, [name]: text }
    );
    setEdited(names => new Set(names).add(name));
  };

  return (
    <div className="jp-nbship-ParameterForm" role="group" aria-label={trans.__('Parameters')}>
      {parameters.map(parameter => {
        const { name } = parameter;
        const fault = parsed[name];
        const local = fault && 'error' in fault ? fault.error : undefined;
        return (
          <ParameterField
            key={name}
            parameter={parameter}
            preset={preset && name in preset ? { value: preset[name] } : undefined}
            text={texts[name]}
            error={local ?? (edited.has(name) ? undefined : errors[name])}
            disabled={disabled}
            onChange={text => set(name, text)}
          />
        );
      })}
    </div>
  );
}

function initialTexts(
  parameters: readonly ParameterJson[],
  initial: Readonly<Record<string, unknown>> = {}
): Record<string, FieldText> {
  const known = parameters.filter(each => each.name in initial && !each.secret);
  return Object.fromEntries(known.map(each => [each.name, fieldText(initial[each.name])]));
}

function parsedTexts(
  parameters: readonly ParameterJson[],
  texts: Readonly<Record<string, FieldText>>,
  parse: (parameter: ParameterJson) => Parsed
): Record<string, Parsed> {
  const written = parameters.filter(
    each => each.name in texts && !isEmptied(each, texts[each.name])
  );
  return Object.fromEntries(written.map(each => [each.name, parse(each)]));
}

function given(
  parameters: readonly ParameterJson[],
  parsed: Readonly<Record<string, Parsed>>
): IGivenParameters {
  const result: IGivenParameters = { parameters: {}, secrets: {} };
  for (const { name, secret } of parameters) {
    const found = parsed[name];
    if (!found || 'error' in found) {
      continue;
    }
    if (secret) {
      result.secrets[name] = String(found.value);
    } else {
      result.parameters[name] = found.value;
    }
  }
  return result;
}
