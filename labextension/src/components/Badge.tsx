import * as React from 'react';

export type BadgeKind = 'ok' | 'running' | 'failed' | 'warn' | 'info' | 'neutral';

export interface IBadgeProps {
  kind: BadgeKind;
  label: string;
  title?: string;
}

// Colour is never the only signal: each kind has a sign of its own.
const SIGNS: Record<BadgeKind, string> = {
  ok: '✓',
  running: '●',
  failed: '✕',
  warn: '▲',
  info: 'i',
  neutral: ''
};

/** A short word about the state of something. */
export function Badge({ kind, label, title }: IBadgeProps): React.ReactElement {
  return (
    <span className={`jp-nbship-Badge jp-mod-${kind}`} title={title ?? label}>
      {SIGNS[kind] && (
        <span className="jp-nbship-Badge-sign" aria-hidden="true">
          {SIGNS[kind]}
        </span>
      )}
      {label}
    </span>
  );
}
