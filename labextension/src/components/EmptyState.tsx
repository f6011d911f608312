import type { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

export interface IEmptyStateProps {
  icon?: LabIcon;
  title: string;
  /** What it is for and what to do next. */
  text?: React.ReactNode;
  action?: { label: string; onClick: () => void; disabled?: boolean };
}

/** Says that there is nothing yet, and teaches how to get something. */
export function EmptyState(props: IEmptyStateProps): React.ReactElement {
  const { icon, title, text, action } = props;
  return (
    <div className="jp-nbship-EmptyState">
      {icon && <icon.react tag="span" className="jp-nbship-EmptyState-icon" aria-hidden="true" />}
      <p className="jp-nbship-EmptyState-title">{title}</p>
      {text && <div className="jp-nbship-EmptyState-text">{text}</div>}
      {action && (
        <button
          type="button"
          className="jp-nbship-Button jp-mod-accept"
          disabled={action.disabled}
          onClick={action.onClick}
        >
          {action.label}
        </button>
      )}
    </div>
  );
}
