import type { Schemas } from '../../api/operations';

export type Options = Schemas['DriftOptionsJson'];

/** What is written in the fields of the options; empty where nothing is. */
export type OptionTexts = Partial<Record<keyof Options, string>>;

export const NUMBERS = [
  'q',
  'wasserstein',
  'jensen_shannon',
  'missing',
  'novelty',
  'harmless'
] as const satisfies readonly (keyof Options)[];

/** Return the options that the fields say, without those that are left as they are. */
export function optionsOf(texts: OptionTexts): Options {
  const options: Options = {};
  for (const name of ['by', 'time', 'target', 'prediction', 'model'] as const) {
    const text = texts[name]?.trim();
    if (text) {
      options[name] = text;
    }
  }
  const columns = texts.columns?.split(',').flatMap(name => name.trim() || []);
  if (columns?.length) {
    options.columns = columns;
  }
  if (texts.correction) {
    options.correction = texts.correction as Options['correction'];
  }
  for (const name of NUMBERS) {
    const number = numberOf(texts[name]);
    if (number !== null && !Number.isNaN(number)) {
      options[name] = number;
    }
  }
  return options;
}

/** Return the names of the fields that should have a number and have none. */
export function wrongNumbers(texts: OptionTexts): (keyof Options)[] {
  return NUMBERS.filter(name => Number.isNaN(numberOf(texts[name]) ?? 0));
}

/** Return what the fields have to say for these options. */
export function textsOf(options: Options): OptionTexts {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : String(value)
    ])
  );
}

function numberOf(text: string | undefined): number | null {
  const plain = text?.trim().replace(',', '.');
  return plain ? Number(plain) : null;
}
