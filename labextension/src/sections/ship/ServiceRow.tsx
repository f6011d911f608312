import { stopIcon, closeIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import { Badge, Elapsed, ErrorNote, IconButton, Sparkline } from '../../components';
import { useNbship } from '../../core/context';
import { points, recent, type Reading } from '../../shipping/rates';
import { askAndStop } from '../../shipping/ship';
import { formatLatency, formatRate, serviceLook, type ServedModel } from '../../shipping/words';

/** A served model: how it is, how much it is asked, and buttons to open and to stop it. */
export function ServiceRow(props: {
  service: ServedModel;
  readings: readonly Reading[];
  onChange: () => void;
}): React.ReactElement {
  const nbship = useNbship();
  const { tabs, trans } = nbship;
  const { service, readings, onChange } = props;
  const [busy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const failed = service.state === 'failed';

  const stop = async () => {
    setError(null);
    try {
      setBusy(true);
      await askAndStop(nbship, service);
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    } finally {
      setBusy(false);
      onChange();
    }
  };

  return (
    <li className="jp-nbship-Ship-row">
      <div className="jp-nbship-Ship-line">
        <button
          type="button"
          className="jp-nbship-Ship-link jp-nbship-Cut"
          title={trans.__('Open %1: a form to ask it, its charts and its log', service.name)}
          onClick={() => void tabs.open('service', { name: service.name })}
        >
          {service.name}
        </button>
        {busy ? (
          <Badge kind="running" label={trans.__('stopping')} />
        ) : (
          <Badge {...serviceLook(service, trans)} title={service.reason} />
        )}
        <IconButton
          icon={failed ? closeIcon : stopIcon}
          label={failed ? trans.__('Remove %1', service.name) : trans.__('Stop %1…', service.name)}
          disabled={busy}
          onClick={() => void stop()}
        />
      </div>
      {failed ? (
        <p className="jp-nbship-Ship-message">{service.reason}</p>
      ) : (
        <Load service={service} readings={readings} />
      )}
      {error && <ErrorNote error={error} />}
    </li>
  );
}

function Load(props: { service: ServedModel; readings: readonly Reading[] }): React.ReactElement {
  const { locale, trans } = useNbship();
  const { service, readings } = props;
  const now = recent(readings);
  const last = readings[readings.length - 1];
  const from = service.run_name || service.model;
  const times = points(readings).flatMap(point => (point.p50 === null ? [] : [point.p50]));
  return (
    <div className="jp-nbship-Ship-facts">
      {from !== service.name && (
        <span className="jp-nbship-Cut" title={trans.__('The run %1', from)}>
          {from}
        </span>
      )}
      {service.started_ms > 0 && (
        <span title={trans.__('Since it was started')}>
          <Elapsed since={service.started_ms} />
        </span>
      )}
      {now && (
        <span title={trans.__('Requests a second, in the last minute')}>
          {formatRate(now.requests, locale)}
        </span>
      )}
      {last && last.errors > 0 && (
        <Badge
          kind="failed"
          label={trans._n('%1 error', '%1 errors', last.errors)}
          title={trans.__('Requests that the server failed at since it was started')}
        />
      )}
      {times.length > 1 && (
        <Sparkline
          values={times}
          width={48}
          height={14}
          label={trans.__(
            'Half of the requests took %1 or less',
            formatLatency(times[times.length - 1], locale)
          )}
        />
      )}
    </div>
  );
}
