import { Clipboard } from '@jupyterlab/apputils';
import { checkIcon, copyIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { useNbship } from '../core/context';
import { IconButton } from './IconButton';

const SHOWN_MS = 1500;

/** Copies a text, and says so for a moment. */
export function CopyButton(props: { text: string; label?: string }): React.ReactElement {
  const { trans } = useNbship();
  const [copied, setCopied] = React.useState(false);
  React.useEffect(() => {
    if (!copied) {
      return;
    }
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  return (
    <IconButton
      icon={copied ? checkIcon : copyIcon}
      label={copied ? trans.__('Copied') : (props.label ?? trans.__('Copy'))}
      onClick={() => {
        Clipboard.copyToSystem(props.text);
        setCopied(true);
      }}
    />
  );
}
