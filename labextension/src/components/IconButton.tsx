import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

export interface IIconButtonProps {
  icon: LabIcon;
  /** What it does, for the tooltip and for screen readers. */
  label: string;
  onClick: (event: React.MouseEvent) => void;
  disabled?: boolean;
  /** For a switch: whether it is on. */
  pressed?: boolean;
  className?: string;
}

/** A button that is an icon. */
export function IconButton(props: IIconButtonProps): React.ReactElement {
  const { icon, label, onClick, disabled, pressed, className = '' } = props;
  return (
    <button
      type="button"
      className={`jp-nbship-IconButton ${className}`}
      title={label}
      aria-label={label}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <icon.react tag="span" aria-hidden="true" />
    </button>
  );
}
