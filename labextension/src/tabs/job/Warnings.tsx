import * as React from 'react';

import { useNbship } from '../../core/context';

/** What a report has to say besides. */
export function Warnings({ warnings }: { warnings: readonly string[] }): React.ReactElement | null {
  const { trans } = useNbship();
  if (warnings.length === 0) {
    return null;
  }
  return (
    <ul className="jp-nbship-Job-warnings" aria-label={trans.__('Notes')}>
      {warnings.map(warning => (
        <li key={warning}>{warning}</li>
      ))}
    </ul>
  );
}
