import * as React from 'react';

export interface IFieldProps {
  label: string;
  /** What may be written here. */
  help?: string;
  /** What is wrong with what is written. */
  error?: string;
  /** Gets the attributes that tie the control to its label, help and error. */
  children: (attributes: IFieldAttributes) => React.ReactNode;
}

export interface IFieldAttributes {
  id: string;
  'aria-describedby'?: string;
  'aria-invalid'?: boolean;
}

/** A labelled control of a form. */
export function Field({ label, help, error, children }: IFieldProps): React.ReactElement {
  const id = React.useId();
  const note = error ?? help;
  return (
    <div className={`jp-nbship-Field${error ? ' jp-mod-error' : ''}`}>
      <label className="jp-nbship-Field-label" htmlFor={id}>
        {label}
      </label>
      {children({
        id,
        'aria-describedby': note ? `${id}-note` : undefined,
        'aria-invalid': error ? true : undefined
      })}
      {note && (
        <div id={`${id}-note`} className="jp-nbship-Field-note">
          {note}
        </div>
      )}
    </div>
  );
}
