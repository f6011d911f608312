import { undoIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useNbship } from '../core/context';
import type { IFieldAttributes } from './Field';
import { IconButton } from './IconButton';
import { NumberInput } from './NumberInput';
import {
  fieldText,
  isEmptied,
  shownValue,
  valueSchema,
  type FieldText,
  type ParameterJson
} from './parameter-values';

export interface IParameterFieldProps {
  parameter: ParameterJson;
  /** What holds where nothing is given, instead of the notebook's default. */
  preset?: { value: unknown };
  /** What is written; undefined where the default holds. */
  text: FieldText | undefined;
  error?: string;
  disabled?: boolean;
  /** Undefined takes the default again. */
  onChange: (text: FieldText | undefined) => void;
}

/** One parameter: its name and type, a control that fits, what it is for, and the way back to its default. */
export function ParameterField(props: IParameterFieldProps): React.ReactElement {
  const { parameter, preset, text, error, disabled, onChange } = props;
  const { trans } = useNbship();
  const id = React.useId();
  const fallback = fallbackOf(parameter, preset);
  const { nullable } = valueSchema(parameter);
  const isGiven = text !== undefined;
  const needed = parameter.required && !preset;
  const notes = [parameter.help, isGiven && fallback.shown ? fallback.note(trans) : ''];
  const note = notes.filter(Boolean).join(' · ');
  const attributes = {
    id,
    'aria-describedby':
      [note && `${id}-note`, error && `${id}-error`].filter(Boolean).join(' ') || undefined,
    'aria-invalid': error ? true : undefined,
    'aria-required': needed || undefined
  };
  const classes = ['jp-nbship-ParameterField', error && 'jp-mod-error', isGiven && 'jp-mod-given'];
  return (
    <div className={classes.filter(Boolean).join(' ')}>
      <div className="jp-nbship-ParameterField-head">
        <label className="jp-nbship-ParameterField-name" htmlFor={id} title={parameter.name}>
          {parameter.name}
          {needed && (
            <span className="jp-nbship-ParameterField-mark" title={trans.__('has to be given')}>
              {MARK}
            </span>
          )}
        </label>
        {isGiven && (
          <IconButton
            className="jp-nbship-ParameterField-reset"
            icon={undoIcon}
            label={
              fallback.shown
                ? trans.__('Take the default of %1 again: %2', parameter.name, fallback.shown)
                : trans.__('Clear %1', parameter.name)
            }
            disabled={disabled}
            onClick={() => onChange(undefined)}
          />
        )}
        <span className="jp-nbship-ParameterField-type" title={parameter.type}>
          {parameter.type}
        </span>
      </div>
      <div className="jp-nbship-ParameterField-control">
        <Control
          parameter={parameter}
          attributes={attributes}
          text={isGiven ? text : fallback.text}
          placeholder={placeholderOf(parameter, fallback.shown)}
          disabled={disabled}
          onChange={onChange}
          onLeave={() => isEmptied(parameter, text) && onChange(undefined)}
        />
        {nullable && parameter.kind !== 'choice' && parameter.kind !== 'bool' && (
          <label className="jp-nbship-ParameterField-none">
            <input
              type="checkbox"
              aria-label={trans.__('%1 is None', parameter.name)}
              checked={(isGiven ? text : fallback.text) === null}
              disabled={disabled}
              onChange={event =>
                onChange(event.target.checked ? null : fallback.text === null ? '' : undefined)
              }
            />
            {NONE}
          </label>
        )}
      </div>
      {note && (
        <div id={`${id}-note`} className="jp-nbship-ParameterField-note">
          {note}
        </div>
      )}
      {error && (
        <div id={`${id}-error`} className="jp-nbship-ParameterField-error">
          {error}
        </div>
      )}
    </div>
  );
}

interface IFallback {
  /** How it stands in the field; undefined where only the notebook's cell knows it. */
  text: FieldText | undefined;
  shown: string;
  note: (trans: ReturnType<typeof useNbship>['trans']) => string;
}

function fallbackOf(parameter: ParameterJson, preset?: { value: unknown }): IFallback {
  if (preset) {
    const shown = shownValue(preset.value);
    return {
      text: fieldText(preset.value),
      shown,
      note: trans => trans.__('pipeline sets %1', shown)
    };
  }
  const hasValue = 'default' in parameter && !parameter.secret;
  const shown = hasValue ? shownValue(parameter.default) : parameter.default_source;
  return {
    text: hasValue ? fieldText(parameter.default) : undefined,
    shown: parameter.secret ? '' : shown,
    note: trans => trans.__('default %1', shown)
  };
}

function placeholderOf(parameter: ParameterJson, shown: string): string {
  const format = (parameter.schema as { format?: string }).format;
  return (
    shown || (format === 'duration' ? '15 min' : format === 'date-time' ? '2026-05-31T12:00' : '')
  );
}

interface IControlProps {
  parameter: ParameterJson;
  attributes: IFieldAttributes & { 'aria-required'?: boolean };
  text: FieldText | undefined;
  placeholder: string;
  disabled?: boolean;
  onChange: (text: FieldText) => void;
  onLeave: () => void;
}

function Control(props: IControlProps): React.ReactElement {
  const { parameter, attributes, text, placeholder, disabled, onChange, onLeave } = props;
  const { schema, nullable } = valueSchema(parameter);
  const { kind, secret } = parameter;
  if (kind === 'choice' && !secret) {
    const choices = (schema.enum ?? []).map(shownValue);
    return <Choice {...props} choices={choices} nullable={nullable} />;
  }
  if (kind === 'bool' && (nullable || text === undefined)) {
    return <Choice {...props} choices={['true', 'false']} nullable={nullable} />;
  }
  if (kind === 'bool') {
    const isOn = /^(true|yes|on|1)$/i.test((text ?? '').trim());
    return (
      <span className="jp-nbship-ParameterField-switch">
        <input
          {...attributes}
          type="checkbox"
          checked={isOn}
          disabled={disabled}
          onChange={event => onChange(String(event.target.checked))}
        />
        <span aria-hidden="true">{isOn ? TRUE : FALSE}</span>
      </span>
    );
  }
  const shared = {
    ...attributes,
    className: 'jp-nbship-Input',
    value: text ?? '',
    placeholder: text === null ? NONE : placeholder,
    disabled,
    spellCheck: false,
    onBlur: onLeave,
    onChange: (event: React.ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) =>
      onChange(event.target.value)
  };
  if (secret) {
    return <input {...shared} type="password" autoComplete="new-password" />;
  }
  if (isLong(parameter, text)) {
    const rows = Math.min(6, (text ?? '').split('\n').length + 1);
    return <textarea {...shared} rows={rows} />;
  }
  if (kind === 'int' || kind === 'float') {
    return (
      <NumberInput
        {...shared}
        text={text}
        schema={schema}
        whole={kind === 'int'}
        onText={onChange}
      />
    );
  }
  return <input {...shared} type={inputType(kind, text)} step={kind === 'time' ? 1 : undefined} />;
}

function Choice(
  props: IControlProps & { choices: readonly string[]; nullable: boolean }
): React.ReactElement {
  const { attributes, text, placeholder, disabled, onChange, choices, nullable } = props;
  const current = text === undefined ? '' : text === null ? NONE : `=${same(choices, text)}`;
  return (
    <select
      {...attributes}
      className="jp-nbship-Select"
      value={current}
      disabled={disabled}
      onChange={event => onChange(event.target.value === NONE ? null : event.target.value.slice(1))}
    >
      {text === undefined && <option value="">{placeholder}</option>}
      {text != null && !choices.includes(same(choices, text)) && (
        <option value={current}>{text}</option>
      )}
      {choices.map(choice => (
        <option key={choice} value={`=${choice}`}>
          {choice}
        </option>
      ))}
      {nullable && <option value={NONE}>{NONE}</option>}
    </select>
  );
}

// Words of Python, which are the same in every language.
const NONE = 'None';
const TRUE = 'True';
const FALSE = 'False';
const MARK = '*';

// Python writes True where JSON writes true.
function same(choices: readonly string[], text: string): string {
  return (
    choices.find(choice => choice === text) ??
    choices.find(choice => choice === text.toLowerCase()) ??
    text
  );
}

function isLong({ kind }: ParameterJson, text: FieldText | undefined): boolean {
  return kind === 'dict' || (text ?? '').includes('\n') || (text ?? '').length > LONG_CHARACTERS;
}

const LONG_CHARACTERS = 60;

function inputType(kind: string, text: FieldText | undefined): string {
  if (kind === 'date') {
    return 'date';
  }
  if (kind === 'time' && /^(\d\d:\d\d(:\d\d)?)?$/.test(text ?? '')) {
    return 'time';
  }
  return 'text';
}
