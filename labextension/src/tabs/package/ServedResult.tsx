import * as React from 'react';

import { CopyButton } from '../../components';
import { useNbship } from '../../core/context';
import type { ServedModel } from '../../shipping/words';

/** Where a model answers now. */
export function ServedResult({ service }: { service: ServedModel }): React.ReactElement {
  const { tabs, trans } = useNbship();
  return (
    <section className="jp-nbship-Package-part">
      <p className="jp-nbship-Package-served">
        {trans.__('%1 answers at', service.name)} <code>{service.endpoint}</code>
        <CopyButton text={service.endpoint} label={trans.__('Copy the address')} />
      </p>
      {service.reason && <p className="jp-nbship-Muted">{service.reason}</p>}
      <div className="jp-nbship-Package-actions">
        <button
          type="button"
          className="jp-nbship-Button jp-mod-accept"
          onClick={() => void tabs.open('service', { name: service.name })}
        >
          {trans.__('Ask it')}
        </button>
      </div>
    </section>
  );
}
