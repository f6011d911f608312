import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useNbship, useVisible } from '../core/context';

/** How long something took or has been going on: "0.4 s", "12 s", "3 min 05 s", "2 h 10 min". */
export function Duration({ seconds }: { seconds: number | null }): React.ReactElement {
  const { trans } = useNbship();
  return <span className="jp-nbship-Duration">{formatDuration(seconds, trans)}</span>;
}

/** How long something has been going on, counted on from what the server said. */
export function Elapsed({ since }: { since: string | number }): React.ReactElement {
  const now = useNow(1);
  const seconds = (now - new Date(since).getTime()) / 1000;
  return <Duration seconds={Math.max(0, Math.round(seconds))} />;
}

/** When something happened: "3 minutes ago", with the date and time as its tooltip. */
export function Ago({ at }: { at: string | number }): React.ReactElement {
  const { locale } = useNbship();
  const now = useNow(30);
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) {
    return <span>–</span>;
  }
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString(locale)}>
      {formatAgo(date, now, locale)}
    </time>
  );
}

/** Return the time, again and again while it can be seen. */
export function useNow(everySeconds: number): number {
  const visible = useVisible();
  const [now, setNow] = React.useState(Date.now);
  React.useEffect(() => {
    if (!visible) {
      return;
    }
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everySeconds * 1000);
    return () => clearInterval(timer);
  }, [everySeconds, visible]);
  return now;
}

/** Write a duration; two units are enough. */
export function formatDuration(seconds: number | null, trans: TranslationBundle): string {
  if (seconds === null || !Number.isFinite(seconds)) {
    return '–';
  }
  if (seconds < 1) {
    return trans.__('%1 ms', Math.round(seconds * 1000));
  }
  if (seconds < 10) {
    return trans.__('%1 s', Math.round(seconds * 10) / 10);
  }
  if (seconds < 59.5) {
    return trans.__('%1 s', Math.round(seconds));
  }
  const minutes = Math.floor(Math.round(seconds) / 60);
  if (minutes < 60) {
    return trans.__('%1 min %2 s', minutes, two(Math.round(seconds) % 60));
  }
  return trans.__('%1 h %2 min', Math.floor(minutes / 60), two(minutes % 60));
}

/** Write how long ago something was, in the language of the user interface. */
export function formatAgo(date: Date, now: number, locale: string): string {
  const format = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const seconds = (date.getTime() - now) / 1000;
  for (const [unit, size, limit] of UNITS) {
    if (Math.abs(seconds) < limit) {
      return format.format(Math.round(seconds / size), unit);
    }
  }
  return date.toLocaleDateString(locale, { dateStyle: 'medium' });
}

const UNITS: [Intl.RelativeTimeFormatUnit, number, number][] = [
  ['second', 1, 45],
  ['minute', 60, 45 * 60],
  ['hour', 3600, 22 * 3600],
  ['day', 86400, 14 * 86400]
];

function two(number: number): string {
  return String(number).padStart(2, '0');
}
