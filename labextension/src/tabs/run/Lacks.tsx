import * as React from 'react';

/** What of a run is not there or cannot be read, in the words of the service. */
export function Lacks({ lacks }: { lacks: readonly string[] }): React.ReactElement | null {
  if (lacks.length === 0) {
    return null;
  }
  return (
    <ul className="jp-nbship-Run-lacks jp-nbship-Muted">
      {lacks.map((lack, at) => (
        <li key={at}>{lack}</li>
      ))}
    </ul>
  );
}
