/** What is written into the fields of a form of parameters, as the JSON values that the server takes. */
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../api/operations';

export type ParameterJson = Schemas['ParameterJson'];

/** The part of JSON Schema in which the server describes parameters. */
export interface IValueSchema {
  type?: string | string[];
  enum?: unknown[];
  anyOf?: IValueSchema[];
  items?: IValueSchema;
  prefixItems?: IValueSchema[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
}

/** What stands in a field: `null` for Python's None, else the text of the control. */
export type FieldText = string | null;

export type Parsed = { value: unknown } | { error: string };

/** Return what a parameter takes besides None, and whether it takes None. */
export function valueSchema(parameter: Pick<ParameterJson, 'kind' | 'schema'>): {
  schema: IValueSchema;
  nullable: boolean;
} {
  const schema = parameter.schema as IValueSchema;
  if (schema.enum) {
    const choices = schema.enum.filter(choice => choice !== null);
    return { schema: { ...schema, enum: choices }, nullable: choices.length < schema.enum.length };
  }
  const members = schema.anyOf ?? [];
  const others = members.filter(member => member.type !== 'null');
  if (members.length === 0) {
    return { schema, nullable: parameter.kind === 'None' };
  }
  return {
    schema: others.length === 1 ? others[0] : { ...schema, anyOf: others },
    nullable: others.length < members.length
  };
}

/** Return how a value stands in its field. */
export function fieldText(value: unknown): FieldText {
  return value === null || value === undefined ? null : shownValue(value);
}

/** Write a value for reading: texts as they are, durations shortly, else JSON with blanks. */
export function shownValue(value: unknown): string {
  if (value === null) {
    return 'None';
  }
  return typeof value === 'string' ? shortDuration(value) : spaced(value);
}

function spaced(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(spaced).join(', ')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).map(
      ([key, each]) => `${JSON.stringify(key)}: ${spaced(each)}`
    );
    return `{${pairs.join(', ')}}`;
  }
  return JSON.stringify(value) ?? '';
}

// The server writes PT0H15M0S for what people write as 15 min.
function shortDuration(text: string): string {
  const found = /^P(?:(\d+)D)?T(\d+)H(\d+)M(\d+(?:\.\d+)?)S$/.exec(text);
  if (!found) {
    return text;
  }
  const parts = ['d', 'h', 'min', 's'].flatMap((unit, index) => {
    const amount = Number(found[index + 1] ?? 0);
    return amount > 0 ? [`${amount} ${unit}`] : [];
  });
  return parts.length === 1 ? parts[0] : text;
}

/** Read what stands in the field of a parameter; an empty text is none but for texts. */
export function parseField(
  parameter: Pick<ParameterJson, 'kind' | 'schema' | 'secret'>,
  text: FieldText,
  trans: TranslationBundle
): Parsed {
  const { schema, nullable } = valueSchema(parameter);
  if (
    text === null ||
    (nullable && parameter.kind !== 'str' && /^(None|null)$/.test(text.trim()))
  ) {
    return nullable || parameter.kind === 'any'
      ? { value: null }
      : { error: trans.__('None is not allowed.') };
  }
  if (parameter.secret) {
    return { value: text };
  }
  if (text.trim() === '' && !TEXTS.includes(parameter.kind)) {
    return { error: trans.__('A value is needed.') };
  }
  const reader = READERS[parameter.kind] ?? asText;
  const parsed = reader(text, schema, trans);
  if ('error' in parsed) {
    return parsed;
  }
  const fault = limitFault(parsed.value, schema, trans);
  return fault ? { error: fault } : parsed;
}

/** Whether a field is empty where its type has no empty value: then the default holds. */
export function isEmptied(
  parameter: Pick<ParameterJson, 'kind' | 'secret' | 'required'>,
  text: FieldText | undefined
): boolean {
  const texts = parameter.kind === 'str' || parameter.kind === 'bytes';
  return text === '' && (parameter.secret || parameter.required || !texts);
}

/** Return the errors of the server by the name of the parameter that they are about. */
export function faultsByName(message: string, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const line of message.split('\n')) {
    const name = /^[^']{0,200}?'([^']+)' /.exec(line)?.[1];
    if (name && names.includes(name)) {
      found[name] = line.replace(/^\s*-\s*/, '');
    }
  }
  return found;
}

const TEXTS = ['str', 'bytes', 'choice', 'union'];

type Reader = (text: string, schema: IValueSchema, trans: TranslationBundle) => Parsed;

const READERS: Record<string, Reader> = {
  bool: (text, _, trans) => {
    const word = text.trim().toLowerCase();
    if (['true', 'yes', 'on', '1'].includes(word)) {
      return { value: true };
    }
    return ['false', 'no', 'off', '0'].includes(word)
      ? { value: false }
      : { error: trans.__('Write true or false.') };
  },
  int: (text, _, trans) => {
    const number = Number(text.replace(/_/g, ''));
    if (!Number.isInteger(number)) {
      return { error: trans.__('A whole number is needed.') };
    }
    return Number.isSafeInteger(number)
      ? { value: number }
      : { error: trans.__('This number is too large to be sent exactly.') };
  },
  float: (text, _, trans) => {
    const number = Number(text.replace(/_/g, ''));
    return Number.isFinite(number) ? { value: number } : { error: trans.__('A number is needed.') };
  },
  choice: (text, schema, trans) => {
    const choice = (schema.enum ?? []).find(
      each => String(each) === text || shownValue(each) === text
    );
    return choice === undefined
      ? { error: trans.__('Choose one of: %1', (schema.enum ?? []).map(shownValue).join(', ')) }
      : { value: choice };
  },
  date: (text, _, trans) =>
    /^\d{4}-\d\d-\d\d$/.test(text.trim()) && !Number.isNaN(Date.parse(text.trim()))
      ? { value: text.trim() }
      : { error: trans.__('Write a date as 2026-05-31.') },
  timedelta: duration,
  'pd.Timedelta': duration,
  list: items,
  tuple: items,
  set: items,
  frozenset: items,
  dict: (text, _, trans) => {
    const value = json(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? { value }
      : { error: trans.__('Write JSON, such as {"a": 1}.') };
  },
  any: text => ({ value: loose(text) }),
  union: (text, schema, trans) => {
    const value = loose(text);
    const kinds = (schema.anyOf ?? []).flatMap(member => member.type ?? []);
    if (kinds.length === 0 || kinds.includes(jsonKind(value))) {
      return { value };
    }
    if (kinds.includes('number') && jsonKind(value) === 'integer') {
      return { value };
    }
    const choices = (schema.anyOf ?? []).flatMap(member => member.enum ?? []);
    return kinds.includes('string') || choices.includes(text)
      ? { value: text }
      : { error: trans.__('A value of this type is needed.') };
  },
  None: (_, __, trans) => ({ error: trans.__('Only None is allowed.') })
};

function asText(text: string): Parsed {
  return { value: text };
}

function duration(text: string, _: IValueSchema, trans: TranslationBundle): Parsed {
  const forms = [
    /^[+-]?P(?=.)[\d.YMWD]*(T[\d.HMS]+)?$/i,
    /^[+-]?\d+(\.\d+)?\s*(us|ms|s|min|h|d|w)?$/,
    /^(-?\d+\s*days?,?\s*)?(\d+:\d\d(:\d\d(\.\d+)?)?)?$/
  ];
  return forms.some(form => form.test(text.trim()))
    ? { value: text.trim() }
    : { error: trans.__('Write a duration, such as 90 s, 15 min, 2:30:00 or P1DT2H.') };
}

function items(text: string, schema: IValueSchema, trans: TranslationBundle): Parsed {
  const whole = json(text);
  if (Array.isArray(whole)) {
    return { value: whole };
  }
  if (/[[\](){}"']/.test(text)) {
    return { error: trans.__('Write items with commas between them, or JSON such as [1, 2].') };
  }
  const texts = schema.items?.type === 'string';
  const parts = text.split(',').map(part => part.trim());
  return { value: parts.map(part => (texts ? part : loose(part))) };
}

/** Read a text whose type nobody declared, by papermill's rule: True, False, None, a number, JSON, else text. */
function loose(text: string): unknown {
  const word = text.trim();
  if (word in PYTHON_WORDS) {
    return PYTHON_WORDS[word];
  }
  const value = json(word);
  return value === undefined || (typeof value === 'number' && !Number.isFinite(value))
    ? text
    : value;
}

const PYTHON_WORDS: Record<string, unknown> = { True: true, False: false, None: null };

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function jsonKind(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  if (Array.isArray(value)) {
    return 'array';
  }
  return Number.isInteger(value) ? 'integer' : typeof value;
}

/** Return what is wrong with a value by the declared limits; empty when nothing is. */
function limitFault(value: unknown, schema: IValueSchema, trans: TranslationBundle): string {
  if (typeof value === 'number') {
    return numberFault(value, schema, trans);
  }
  if (typeof value === 'string') {
    return (
      sizeFault([...value].length, schema.minLength, schema.maxLength, trans) ||
      (matches(value, schema.pattern) ? '' : trans.__('It has to match %1.', schema.pattern))
    );
  }
  if (Array.isArray(value)) {
    return sizeFault(value.length, schema.minItems, schema.maxItems, trans);
  }
  if (value !== null && typeof value === 'object') {
    return sizeFault(Object.keys(value).length, schema.minProperties, schema.maxProperties, trans);
  }
  return '';
}

function numberFault(value: number, schema: IValueSchema, trans: TranslationBundle): string {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
  if (minimum !== undefined && value < minimum) {
    return trans.__('At least %1 is needed.', minimum);
  }
  if (maximum !== undefined && value > maximum) {
    return trans.__('At most %1 is allowed.', maximum);
  }
  if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) {
    return trans.__('More than %1 is needed.', exclusiveMinimum);
  }
  if (exclusiveMaximum !== undefined && value >= exclusiveMaximum) {
    return trans.__('Less than %1 is needed.', exclusiveMaximum);
  }
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) {
    return trans.__('A multiple of %1 is needed.', multipleOf);
  }
  return '';
}

function isMultiple(value: number, of: number): boolean {
  const times = value / of;
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times));
}

function sizeFault(
  size: number,
  least: number | undefined,
  most: number | undefined,
  trans: TranslationBundle
): string {
  if (least !== undefined && size < least) {
    return trans.__('It is too short: %1, at least %2 is needed.', size, least);
  }
  if (most !== undefined && size > most) {
    return trans.__('It is too long: %1, at most %2 is allowed.', size, most);
  }
  return '';
}

// A pattern is one of Python; what JavaScript cannot read is left to the server.
function matches(value: string, pattern: string | undefined): boolean {
  try {
    return pattern === undefined || new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}
