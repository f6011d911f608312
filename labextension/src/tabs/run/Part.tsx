import * as React from 'react';

export interface IPartProps {
  title: string;
  /** How many there are. */
  count?: number;
  /** Whether it takes the whole width. */
  wide?: boolean;
  /** Controls beside the title. */
  tools?: React.ReactNode;
  children: React.ReactNode;
}

/** A titled part of a page. */
export function Part({ title, count, wide, tools, children }: IPartProps): React.ReactElement {
  const id = React.useId();
  return (
    <section className={`jp-nbship-Run-part${wide ? ' jp-mod-wide' : ''}`} aria-labelledby={id}>
      <div className="jp-nbship-Run-partHead">
        <h2 id={id}>{title}</h2>
        {count !== undefined && <span className="jp-nbship-Muted">{count}</span>}
        {tools && <span className="jp-nbship-Run-partTools">{tools}</span>}
      </div>
      {children}
    </section>
  );
}
