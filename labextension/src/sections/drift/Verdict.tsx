import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { Badge } from '../../components';
import { useNbship } from '../../core/context';

/** Whether anything drifted, as a badge. */
export function Verdict(props: { verdict: Schemas['DriftVerdictJson'] }): React.ReactElement {
  const { trans } = useNbship();
  const { verdict } = props;
  if (verdict.found && verdict.drifted > 0) {
    return <Badge kind="warn" label={trans.__('drifted')} title={verdict.headline} />;
  }
  if (verdict.found) {
    const harmless = verdict.state === 'drifted but harmless';
    return (
      <Badge
        kind="info"
        label={harmless ? trans.__('harmless') : trans.__('changed')}
        title={verdict.headline}
      />
    );
  }
  return verdict.watched > 0 ? (
    <Badge kind="ok" label={trans.__('stable')} title={verdict.headline} />
  ) : (
    <Badge kind="neutral" label={trans.__('not compared')} title={verdict.headline} />
  );
}
