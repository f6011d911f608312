/** The values of a sweep as they are written into fields. */

/** Split at commas, but not inside brackets or quotes: `[1,2],[3]` are two lists. */
export function splitValues(text: string): string[] {
  const values: string[] = [];
  let depth = 0;
  let quote = '';
  let current = '';
  for (const sign of text) {
    if (quote) {
      quote = sign === quote ? '' : quote;
    } else if (sign === '"' || sign === "'") {
      quote = sign;
    } else if ('([{'.includes(sign)) {
      depth += 1;
    } else if (')]}'.includes(sign)) {
      depth -= 1;
    } else if (sign === ',' && depth <= 0) {
      values.push(current.trim());
      current = '';
      continue;
    }
    current += sign;
  }
  return [...values, current.trim()].filter(value => value !== '');
}

/** Whether a text is a range, from which a random sweep draws: `0.1..0.9`, `log:1e-4..1e-1`. */
export function isRange(text: string): boolean {
  return /^(log:)?[-+]?[\d.]+(e[-+]?\d+)?\.\.[-+]?[\d.]+(e[-+]?\d+)?$/i.test(text.trim());
}

/** Return the grid of what is written; parameters without values are left out. */
export function gridOf(texts: Readonly<Record<string, string>>): Record<string, string[] | string> {
  const pairs = Object.entries(texts).flatMap(([name, text]) => {
    const values = splitValues(text);
    return values.length === 0 ? [] : [[name, isRange(text) ? text.trim() : values] as const];
  });
  return Object.fromEntries(pairs);
}
