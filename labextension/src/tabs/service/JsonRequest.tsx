import * as React from 'react';

import { useNbship } from '../../core/context';

/** A request as JSON; Ctrl+Enter sends it. */
export function JsonRequest(props: {
  text: string;
  onChange: (text: string) => void;
  onSend: () => void;
}): React.ReactElement {
  const { trans } = useNbship();
  const { text, onChange, onSend } = props;
  return (
    <textarea
      className="jp-nbship-Input jp-nbship-Ask-json"
      aria-label={trans.__('The request as JSON')}
      title={trans.__('What /invocations takes; Ctrl+Enter sends it')}
      spellCheck={false}
      rows={Math.min(Math.max(text.split('\n').length, 6), 20)}
      value={text}
      onChange={event => onChange(event.target.value)}
      onKeyDown={event => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
          event.preventDefault();
          onSend();
        }
      }}
    />
  );
}
