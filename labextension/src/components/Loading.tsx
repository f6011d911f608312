import * as React from 'react';

export interface ILoadingProps {
  /** What is loaded, translated: "Loading runs…" */
  label: string;
  /** How long nothing is shown, so that quick answers do not flicker. */
  delayMs?: number;
}

/** Says what is being loaded, unless it comes at once. */
export function Loading({ label, delayMs = 200 }: ILoadingProps): React.ReactElement | null {
  const [due, setDue] = React.useState(delayMs === 0);
  React.useEffect(() => {
    const timer = setTimeout(() => setDue(true), delayMs);
    return () => clearTimeout(timer);
  }, [delayMs]);
  return (
    <div className="jp-nbship-Loading" role="status">
      {due && (
        <>
          <span className="jp-nbship-Loading-spinner" aria-hidden="true" />
          <span>{label}</span>
        </>
      )}
    </div>
  );
}
