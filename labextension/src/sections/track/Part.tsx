import { caretDownIcon, caretRightIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

export interface IPartProps {
  /** By which it is remembered whether it is open. */
  id: string;
  title: string;
  /** What stands at the end of the title. */
  tools?: React.ReactNode;
  /** What is said of it while it is closed. */
  note?: React.ReactNode;
  /** Whether it is open until the user decides. */
  open?: boolean;
  children: React.ReactNode;
}

const opened = new Map<string, boolean>();

/** A part of the section that can be closed. */
export function Part(props: IPartProps): React.ReactElement {
  const { id, title, tools, note, children } = props;
  const body = React.useId();
  const [open, setOpen] = React.useState(opened.get(id) ?? props.open ?? true);
  const toggle = () => {
    opened.set(id, !open);
    setOpen(!open);
  };
  const icon = open ? caretDownIcon : caretRightIcon;
  return (
    <section className="jp-nbship-Track-part" aria-label={title}>
      <div className="jp-nbship-Track-partHead">
        <button
          type="button"
          className="jp-nbship-Track-partTitle"
          aria-expanded={open}
          aria-controls={body}
          onClick={toggle}
        >
          <icon.react tag="span" aria-hidden="true" />
          <span>{title}</span>
          {note && (
            <span className="jp-nbship-Track-partNote jp-nbship-Muted jp-nbship-Cut">{note}</span>
          )}
        </button>
        {tools}
      </div>
      <div id={body} className="jp-nbship-Track-partBody" hidden={!open}>
        {open && children}
      </div>
    </section>
  );
}
