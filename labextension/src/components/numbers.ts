/** Write a number for reading: six significant digits, thousands apart. Text stays: "NaN", "Infinity". */
export function formatNumber(value: number | string | null | undefined, locale: string): string {
  if (typeof value !== 'number') {
    return value ?? '–';
  }
  if (!Number.isFinite(value)) {
    return String(value);
  }
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) {
    return value.toExponential(3);
  }
  return value.toLocaleString(locale, { maximumSignificantDigits: size >= 1e6 ? 21 : 6 });
}

/** Write a number of bytes: "512 B", "1.2 kB", "5.1 MB". */
export function formatBytes(bytes: number | null | undefined, locale: string): string {
  if (bytes == null) {
    return '–';
  }
  let size = bytes;
  let at = 0;
  while (size >= 999.5 && at < UNITS.length - 1) {
    size /= 1000;
    at += 1;
  }
  const digits = at > 0 && size < 10 ? 1 : 0;
  return `${size.toLocaleString(locale, { maximumFractionDigits: digits })} ${UNITS[at]}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];
