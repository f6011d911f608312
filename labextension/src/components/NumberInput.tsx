import * as React from 'react';

import type { FieldText, IValueSchema } from './parameter-values';

export interface INumberInputProps extends React.InputHTMLAttributes<HTMLInputElement> {
  text: FieldText | undefined;
  schema: IValueSchema;
  whole: boolean;
  onText: (text: string) => void;
}

/**
 * A number that is written as text, so that `1e-4` and `60_000` can be, and that the arrow keys step.
 *
 * The browser's own `type="number"` gives an empty text for what is not a number yet.
 */
export function NumberInput(props: INumberInputProps): React.ReactElement {
  const { text, schema, whole, onText, ...attributes } = props;
  const value = number(text);
  const onKeyDown = (event: React.KeyboardEvent) => {
    const direction = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (direction !== 0) {
      event.preventDefault();
      onText(stepped(value ?? 0, direction, schema, whole));
    }
  };
  return (
    <input
      {...attributes}
      type="text"
      role="spinbutton"
      inputMode={whole ? 'numeric' : 'decimal'}
      aria-valuenow={value ?? undefined}
      aria-valuetext={text ?? undefined}
      aria-valuemin={schema.minimum ?? schema.exclusiveMinimum}
      aria-valuemax={schema.maximum ?? schema.exclusiveMaximum}
      onKeyDown={onKeyDown}
    />
  );
}

/** Return the next number: by the declared step, by one, or by one in the leading digit. */
export function stepped(
  value: number,
  direction: number,
  schema: IValueSchema,
  whole: boolean
): string {
  const step = schema.multipleOf ?? (whole ? 1 : leading(value, direction));
  const low =
    schema.minimum ?? (schema.exclusiveMinimum ?? -Infinity) + tiny(schema.exclusiveMinimum, step);
  const high =
    schema.maximum ?? (schema.exclusiveMaximum ?? Infinity) - tiny(schema.exclusiveMaximum, step);
  const next = Math.round(value / step + direction) * step;
  const bounded = Math.min(Math.max(next, low), high);
  return String(Number(bounded.toPrecision(DIGITS)));
}

// An excluded bound is kept clear of by one step.
function tiny(bound: number | undefined, step: number): number {
  return bound === undefined ? 0 : step;
}

function leading(value: number, direction: number): number {
  if (value === 0) {
    return 0.1;
  }
  const size = Math.floor(Math.log10(Math.abs(value)));
  // Down from 0.1 comes 0.09, not 0.
  const exact = Math.abs(value) <= 10 ** size * (1 + 1e-9);
  return 10 ** (exact && Math.sign(value) !== direction ? size - 1 : size);
}

function number(text: FieldText | undefined): number | null {
  const value = Number((text ?? '').replace(/_/g, ''));
  return text == null || text.trim() === '' || !Number.isFinite(value) ? null : value;
}

const DIGITS = 12;
