import * as React from 'react';

/** A part of a comparison, under its title. */
export function Part(props: {
  title: string;
  /** How much differs. */
  note?: React.ReactNode;
  children: React.ReactNode;
}): React.ReactElement {
  const id = React.useId();
  return (
    <section className="jp-nbship-Compare-part" aria-labelledby={id}>
      <h2 id={id}>
        {props.title}
        {props.note != null && <span className="jp-nbship-Compare-note">{props.note}</span>}
      </h2>
      {props.children}
    </section>
  );
}
