import * as React from 'react';

import type { Schemas } from '../../api/operations';
import { confirm } from '../../components';
import { useNbship } from '../../core/context';
import type { JobJson } from '../../core/jobs';
import { askAndShip, ship, type IShipment } from '../../shipping/ship';

/** Why there is no image or service, and what can be done about it. */
export function Failure(props: {
  job: JobJson;
  told: Schemas['ShippingJobJson'];
}): React.ReactElement | null {
  const nbship = useNbship();
  const { trans } = nbship;
  const { job, told } = props;
  if (job.state === 'running' || job.state === 'completed') {
    return null;
  }
  const shipment = shipmentOf(job, told);
  const trust = async () => {
    const wanted = await confirm(trans, {
      title: trans.__('Trust this pickle?'),
      body: (
        <div className="jp-nbship-Package-trust">
          <p>{job.message}</p>
          <p>
            {trans.__(
              'Reading it runs whatever code is in it, with your rights on this machine. Do it only if you know who made this model.'
            )}
          </p>
        </div>
      ),
      accept: trans.__('Trust this pickle and build'),
      danger: true
    });
    if (wanted) {
      await ship(nbship, {
        ...shipment,
        options: { ...shipment.options, trust_pickle: true }
      });
    }
  };
  const message =
    job.message ||
    (job.state === 'cancelled'
      ? trans.__('It was cancelled; nothing of it is left.')
      : trans.__('It ended without a word.'));
  return (
    <div
      className="jp-nbship-Package-failure"
      role={job.state === 'cancelled' ? 'status' : 'alert'}
    >
      <p>{message}</p>
      <div className="jp-nbship-Package-actions">
        <button
          type="button"
          className="jp-nbship-Button"
          onClick={() => void askAndShip(nbship, { ...shipment, more: !told.untrusted })}
        >
          {trans.__('Try again…')}
        </button>
        {told.untrusted && (
          <button
            type="button"
            className="jp-nbship-Button jp-mod-warn"
            onClick={() => void trust()}
          >
            {job.kind === 'serve'
              ? trans.__('Trust this pickle and serve…')
              : trans.__('Trust this pickle and build…')}
          </button>
        )}
      </div>
    </div>
  );
}

/** Return what a job was asked for, to ask for it again. */
export function shipmentOf(job: JobJson, told: Schemas['ShippingJobJson']): IShipment {
  const asked = (told.asked ?? {}) as Partial<IShipment>;
  return {
    kind: job.kind === 'serve' ? 'serve' : 'package',
    run: asked.run ?? job.path,
    label: asked.label ?? job.title,
    options: asked.options ?? {}
  };
}
