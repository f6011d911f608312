import { fireEvent, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { nullTranslator } from '@jupyterlab/translation';
import * as React from 'react';

import { fakeNbship, renderWith } from '../../__tests__/fake';
import { stepped } from '../NumberInput';
import { ParameterForm, type IGivenParameters } from '../ParameterForm';
import { faultsByName, parseField, shownValue, type ParameterJson } from '../parameter-values';

const trans = nullTranslator.load('nbship');

function parameter(name: string, kind: string, more: Partial<ParameterJson> = {}): ParameterJson {
  const types: Record<string, object> = { int: { type: 'integer' }, float: { type: 'number' } };
  return {
    name,
    kind,
    type: kind,
    default_source: '',
    required: !('default' in more),
    help: '',
    annotation: '',
    inferred: false,
    secret: false,
    cell: 0,
    line: 1,
    schema: (types[kind] ?? {}) as ParameterJson['schema'],
    ...more
  };
}

function nullable(schema: object): ParameterJson['schema'] {
  return { anyOf: [schema, { type: 'null' }] } as unknown as ParameterJson['schema'];
}

describe('what stands in a field', () => {
  it.each([
    ['int', {}, '60_000', 60000],
    ['int', {}, '1e3', 1000],
    ['float', {}, '1e-5', 1e-5],
    ['bool', {}, 'True', true],
    ['str', {}, '', ''],
    ['str', {}, ' 5 ', ' 5 '],
    ['date', {}, '2026-05-31', '2026-05-31'],
    ['timedelta', {}, '15 min', '15 min'],
    ['timedelta', {}, 'P1DT2H', 'P1DT2H'],
    ['list', { items: { type: 'integer' } }, '1, 2', [1, 2]],
    ['list', { items: { type: 'string' } }, 'a, 2', ['a', '2']],
    ['list', {}, '[1, [2]]', [1, [2]]],
    ['dict', {}, '{"a": 1}', { a: 1 }],
    ['choice', { enum: ['a', 2] }, '2', 2],
    ['any', {}, 'True', true],
    ['any', {}, '0.5', 0.5],
    ['any', {}, 'text', 'text'],
    ['union', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, '5', 5],
    ['union', { anyOf: [{ type: 'integer' }, { type: 'string' }] }, 'x', 'x']
  ])('of kind %s (%j) is read: %s', (kind, schema, text, value) => {
    const given = parameter('p', kind as string, { schema: schema as ParameterJson['schema'] });
    expect(parseField(given, text as string, trans)).toEqual({ value });
  });

  it.each([
    ['int', {}, '1.5'],
    ['int', {}, '12345678901234567890'],
    ['float', {}, 'fast'],
    ['float', { minimum: 0 }, '-1'],
    ['float', { exclusiveMaximum: 1 }, '1'],
    ['int', { multipleOf: 4 }, '6'],
    ['str', { maxLength: 2 }, 'abc'],
    ['str', { pattern: '^a' }, 'b'],
    ['list', { minItems: 2 }, '1'],
    ['list', {}, '[1, 2'],
    ['dict', {}, '[1]'],
    ['date', {}, '31.5.2026'],
    ['timedelta', {}, 'soon'],
    ['choice', { enum: ['a'] }, 'b'],
    ['bool', {}, 'perhaps']
  ])('of kind %s (%j) is refused: %s', (kind, schema, text) => {
    const given = parameter('p', kind as string, { schema: schema as ParameterJson['schema'] });
    expect(parseField(given, text as string, trans)).toHaveProperty('error');
  });

  it('is None only where that is allowed', () => {
    const optional = parameter('p', 'int', { schema: nullable({ type: 'integer' }) });
    expect(parseField(optional, null, trans)).toEqual({ value: null });
    expect(parseField(optional, 'None', trans)).toEqual({ value: null });
    expect(parseField(parameter('p', 'int'), null, trans)).toHaveProperty('error');
  });

  it('is shown as people write it', () => {
    expect(shownValue('PT0H15M0S')).toBe('15 min');
    expect(shownValue('P1DT2H0M0S')).toBe('P1DT2H0M0S');
    expect(shownValue([1, { a: null }])).toBe('[1, {"a": null}]');
  });
});

describe('errors of the service', () => {
  it('go to their fields', () => {
    const message =
      "2 problems with the parameters:\n  - 'lr' takes float, got 'x'\n  - there is no parameter 'z'; …";
    expect(faultsByName(message, ['lr', 'name'])).toEqual({ lr: "'lr' takes float, got 'x'" });
  });
});

describe('arrow keys', () => {
  it.each([
    [0.1, 1, {}, false, '0.2'],
    [0.1, -1, {}, false, '0.09'],
    [3, -1, {}, true, '2'],
    [3, 1, { maximum: 3 }, true, '3'],
    [0, 1, { multipleOf: 0.25 }, false, '0.25']
  ])('step %d by %d within %j', (value, direction, schema, whole, expected) => {
    expect(stepped(value, direction, schema, whole)).toBe(expected);
  });
});

describe('the form', () => {
  function show(parameters: ParameterJson[], more: object = {}) {
    const told: { given: IGivenParameters; valid: boolean }[] = [];
    const onChange = (given: IGivenParameters, valid: boolean) => void told.push({ given, valid });
    const form = <ParameterForm parameters={parameters} onChange={onChange} {...more} />;
    renderWith(fakeNbship(), form);
    return () => told[told.length - 1];
  }

  it('gives only what differs from the defaults', () => {
    const last = show([
      parameter('rate', 'float', { default: 0.1 }),
      parameter('name', 'str', { default: 'a' })
    ]);
    expect(last()).toEqual({ given: { parameters: {}, secrets: {} }, valid: true });
    fireEvent.change(screen.getByLabelText('rate'), { target: { value: '2e-3' } });
    expect(last()).toEqual({ given: { parameters: { rate: 0.002 }, secrets: {} }, valid: true });
  });

  it('takes the default again', async () => {
    const last = show([parameter('rate', 'float', { default: 0.1 })], { initial: { rate: 5 } });
    expect(last().given.parameters).toEqual({ rate: 5 });
    await userEvent.click(screen.getByRole('button', { name: /default of rate again/ }));
    expect(last().given.parameters).toEqual({});
    expect(screen.getByLabelText('rate')).toHaveValue('0.1');
  });

  it('can be emptied while a number is written, and has its default again afterwards', async () => {
    const last = show([parameter('rate', 'float', { default: 0.1 })]);
    await userEvent.clear(screen.getByLabelText('rate'));
    expect(screen.getByLabelText('rate')).toHaveValue('');
    expect(last()).toEqual({ given: { parameters: {}, secrets: {} }, valid: true });
    await userEvent.tab();
    expect(screen.getByLabelText('rate')).toHaveValue('0.1');
  });

  it('says at once what breaks a limit, and is not valid then', () => {
    const schema = { type: 'number', maximum: 1 } as unknown as ParameterJson['schema'];
    const last = show([parameter('rate', 'float', { default: 0.1, schema })]);
    fireEvent.change(screen.getByLabelText('rate'), { target: { value: '2' } });
    expect(last().valid).toBe(false);
    expect(screen.getByLabelText('rate')).toBeInvalid();
    expect(screen.getByLabelText('rate')).toHaveAccessibleDescription(/At most 1/);
  });

  it('is not valid without what is required, and keeps secrets apart', () => {
    const last = show([parameter('depth', 'int'), parameter('key', 'str', { secret: true })]);
    expect(last().valid).toBe(false);
    fireEvent.change(screen.getByLabelText(/depth/), { target: { value: '3' } });
    const secret = screen.getByLabelText(/key/);
    expect(secret).toHaveAttribute('type', 'password');
    fireEvent.change(secret, { target: { value: 'hush' } });
    expect(last()).toEqual({
      given: { parameters: { depth: 3 }, secrets: { key: 'hush' } },
      valid: true
    });
  });

  it('shows what a pipeline sets, and what the service says', () => {
    show([parameter('depth', 'int')], { preset: { depth: 6 }, errors: { depth: 'too deep' } });
    expect(screen.getByLabelText('depth')).toHaveValue('6');
    expect(screen.getByText('too deep')).toBeInTheDocument();
  });

  it('keeps markup in names, helps and defaults as text', () => {
    const mark = '<img src=x onerror=alert(1)>';
    show([parameter(mark, 'str', { default: mark, help: mark })]);
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getAllByText(mark)).not.toHaveLength(0);
  });
});
