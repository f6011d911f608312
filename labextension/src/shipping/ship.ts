import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';

import { asApiError } from '../api/error';
import type { Schemas } from '../api/operations';
import { confirm } from '../components';
import type { JobJson } from '../core/jobs';
import type { INbship } from '../tokens';
import type { ServedModel } from './words';

export type PackageBody = Schemas['PackageBody'];
export type ServeBody = Schemas['ServeBody'];
export type ShipOptions = Schemas['PackageOptionsJson'] & Schemas['ServeOptionsJson'];

/** To serve a model, or to build an image of it. */
export type ShipKind = 'package' | 'serve';

/** What is to be shipped, and how. */
export interface IShipment {
  kind: ShipKind;
  /** An id, `runs:/RUN/MODEL` or `models:/NAME/VERSION`; empty when it is to be chosen. */
  run: string;
  /** What to call it. */
  label: string;
  options: ShipOptions;
}

/** Ask what to ship and how, start it, and open its tab; null when the user does not want to. */
export async function askAndShip(
  nbship: INbship,
  preset: Partial<IShipment> & { more?: boolean }
): Promise<JobJson | null> {
  const { ShipDialogBody } = await import('./ShipDialog');
  const { trans } = nbship;
  const body = new ShipDialogBody(nbship, preset);
  const result = await showDialog<IShipment>({
    title: preset.run ? trans.__('Ship this run') : trans.__('Ship a run'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Start') })
    ],
    focusNodeSelector: '.jp-nbship-Ship-first'
  });
  return result.button.accept && result.value ? await ship(nbship, result.value) : null;
}

/** Start to package or serve, and open the tab of the work; say why when it cannot be started. */
export async function ship(nbship: INbship, shipment: IShipment): Promise<JobJson | null> {
  const { run, label, options } = shipment;
  try {
    const job =
      shipment.kind === 'serve'
        ? await nbship.jobs.start('/jobs/serve', { run, label, options: serveOptions(options) })
        : await nbship.jobs.start('/jobs/package', {
            run,
            label,
            options: packageOptions(options)
          });
    nbship.tabs.open('package', { job: job.id });
    return job;
  } catch (thrown) {
    const { message, hint } = asApiError(thrown, nbship.trans);
    Notification.error([message, hint].filter(Boolean).join('\n'), { autoClose: false });
    return null;
  }
}

/** Return what would serve a model that was served, in the same place. */
export function again(service: ServedModel): IShipment {
  const port = Number(/:(\d+)\/?$/.exec(service.endpoint)?.[1]);
  return {
    kind: 'serve',
    run: service.run_id,
    label: service.name,
    options: {
      name: service.name,
      kind: service.kind,
      replace: true,
      ...(Number.isInteger(port) && port > 0 ? { port } : {}),
      ...(service.method && service.method !== 'predict' ? { method: service.method } : {})
    }
  };
}

/** Stop a service after a question; return whether it was stopped. */
export async function askAndStop(
  nbship: INbship,
  service: ServedModel,
  place?: string
): Promise<boolean> {
  const { api, trans } = nbship;
  const gone = service.state === 'failed' || service.state === 'stopped';
  const wanted =
    gone ||
    (await confirm(trans, {
      title: trans.__('Stop %1?', service.name),
      body: trans.__(
        'It answers what it was asked already, and ends. %1 does not answer any more then; its prediction log stays.',
        service.endpoint
      ),
      accept: trans.__('Stop'),
      danger: true
    }));
  if (wanted) {
    const query = place === undefined ? undefined : { path: place };
    await api.post('/services/{name}/stop', { path: { name: service.name }, query, body: {} });
  }
  return wanted;
}

function serveOptions(options: ShipOptions): Schemas['ServeOptionsJson'] {
  const { name, method, base, trust_pickle, port, kind, replace } = options;
  return { name, method, base, trust_pickle, port, kind, replace };
}

function packageOptions(options: ShipOptions): Schemas['PackageOptionsJson'] {
  const { name, method, base, trust_pickle, reference, platform, archive, push, load, verify } =
    options;
  return { name, method, base, trust_pickle, reference, platform, archive, push, load, verify };
}

/** Return the body that asks for the command or starts the work. */
export function bodyOf(shipment: IShipment): PackageBody & ServeBody {
  const options =
    shipment.kind === 'serve' ? serveOptions(shipment.options) : packageOptions(shipment.options);
  return { run: shipment.run, label: shipment.label, options } as PackageBody & ServeBody;
}
