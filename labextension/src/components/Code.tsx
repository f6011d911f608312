import * as React from 'react';

import { CopyButton } from './CopyButton';

export interface ICodeProps {
  source: string;
  /** What it is, for screen readers. */
  label: string;
  /** Whether a button copies it. */
  copy?: boolean;
}

/** Code that is only read. */
export function Code({ source, label, copy = false }: ICodeProps): React.ReactElement {
  return (
    <div className="jp-nbship-Code" role="group" aria-label={label}>
      <pre tabIndex={0}>
        <code>{source}</code>
      </pre>
      {copy && <CopyButton text={source} />}
    </div>
  );
}
