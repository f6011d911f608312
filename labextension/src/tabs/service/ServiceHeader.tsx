import * as React from 'react';

import { asApiError, type ApiError } from '../../api/error';
import { Badge, CopyButton, Duration, ErrorNote, confirm, formatBytes } from '../../components';
import { useNbship } from '../../core/context';
import type { Reading } from '../../shipping/rates';
import { again, askAndStop, ship } from '../../shipping/ship';
import { servedAs, serviceLook, type ServedModel } from '../../shipping/words';

interface IProps {
  service: ServedModel;
  reading: Reading | null;
  place: string;
  tools: React.ReactNode;
  onChange: () => void;
}

/** What is served, where and since when, and buttons to stop it and to start it anew. */
export function ServiceHeader(props: IProps): React.ReactElement {
  const nbship = useNbship();
  const { locale, tabs, trans } = nbship;
  const { service, reading, place, tools, onChange } = props;
  const [busy, setBusy] = React.useState(false);
  const [error, setError] = React.useState<ApiError | null>(null);
  const runs = service.state === 'ready' || service.state === 'draining';

  const attempt = async (work: () => Promise<unknown>) => {
    setError(null);
    setBusy(true);
    try {
      await work();
    } catch (thrown) {
      setError(asApiError(thrown, trans));
    } finally {
      setBusy(false);
      onChange();
    }
  };
  const restart = async () => {
    const wanted = await confirm(trans, {
      title: trans.__('Start %1 anew?', service.name),
      body: trans.__(
        'It is made ready beside the running one, which answers until then, and takes its place at %1.',
        service.endpoint
      ),
      accept: trans.__('Start anew')
    });
    if (wanted) {
      await ship(nbship, again(service));
    }
  };

  return (
    <header className="jp-nbship-Service-header">
      <div className="jp-nbship-Service-titles">
        <h1>{service.name}</h1>
        <span role="status">
          {busy ? (
            <Badge kind="running" label={trans.__('working')} />
          ) : (
            <Badge {...serviceLook(service, trans)} title={service.reason} />
          )}
        </span>
        <span className="jp-nbship-Service-spring" />
        {tools}
        {runs && service.run_id && (
          <button
            type="button"
            className="jp-nbship-Button"
            disabled={busy}
            onClick={() => void attempt(restart)}
          >
            {trans.__('Restart…')}
          </button>
        )}
        {(runs || service.state === 'starting' || service.state === 'failed') && (
          <button
            type="button"
            className="jp-nbship-Button jp-mod-warn"
            disabled={busy}
            onClick={() => void attempt(() => askAndStop(nbship, service, place))}
          >
            {service.state === 'failed' ? trans.__('Remove') : trans.__('Stop…')}
          </button>
        )}
      </div>
      {error && <ErrorNote error={error} />}
      <dl className="jp-nbship-Service-facts">
        <Fact name={trans.__('Address')}>
          <code>{service.endpoint}</code>
          <CopyButton text={service.endpoint} label={trans.__('Copy the address')} />
        </Fact>
        <Fact name={trans.__('Model')}>
          {service.model_version
            ? trans.__('%1 version %2', service.model, service.model_version)
            : service.model}
        </Fact>
        {service.run_id && (
          <Fact name={trans.__('Run')}>
            <button
              type="button"
              className="jp-nbship-Ship-link"
              onClick={() => void tabs.open('run', { run: service.run_id })}
            >
              {service.run_name || service.run_id.slice(0, 8)}
            </button>
          </Fact>
        )}
        <Fact name={trans.__('Served by')}>
          <span title={service.reason || service.image}>{servedAs(service, trans)}</span>
        </Fact>
        {service.image && (
          <Fact name={trans.__('Image')}>
            <code>{service.image}</code>
          </Fact>
        )}
        {runs && reading?.uptime_seconds != null && (
          <Fact name={trans.__('Up for')}>
            <Duration seconds={Math.round(reading.uptime_seconds)} />
          </Fact>
        )}
        {runs && reading?.memory_bytes != null && (
          <Fact name={trans.__('Memory')}>{formatBytes(reading.memory_bytes, locale)}</Fact>
        )}
        {service.log_folder && (
          <Fact name={trans.__('Prediction log')}>
            <code className="jp-nbship-Cut" title={service.log_folder}>
              {service.log_folder}
            </code>
            <CopyButton
              text={service.log_folder}
              label={trans.__('Copy the path of the prediction log')}
            />
          </Fact>
        )}
      </dl>
      {service.reason && !runs && service.state !== 'failed' && (
        <p className="jp-nbship-Muted">{service.reason}</p>
      )}
    </header>
  );
}

function Fact(props: { name: string; children: React.ReactNode }): React.ReactElement {
  return (
    <div className="jp-nbship-Service-fact">
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
