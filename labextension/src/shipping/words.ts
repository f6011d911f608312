import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../api/operations';
import { formatNumber, type BadgeKind } from '../components';

export type ServedModel = Schemas['ServedModelJson'];

/** Return how the state of a service looks. */
export function serviceLook(
  service: Pick<ServedModel, 'state'>,
  trans: TranslationBundle
): { kind: BadgeKind; label: string } {
  switch (service.state) {
    case 'ready':
      return { kind: 'ok', label: trans.__('ready') };
    case 'starting':
      return { kind: 'running', label: trans.__('starting') };
    case 'draining':
      return { kind: 'warn', label: trans.__('not ready') };
    case 'failed':
      return { kind: 'failed', label: trans.__('ended by itself') };
    case 'stopped':
      return { kind: 'neutral', label: trans.__('stopped') };
    default:
      return { kind: 'neutral', label: service.state };
  }
}

/** Say what answers: a container or a process. */
export function servedAs(service: ServedModel, trans: TranslationBundle): string {
  return service.kind === 'container'
    ? trans.__('container %1', service.container_id.slice(0, 12))
    : trans.__('process %1', service.pid);
}

/** Write how often something happens: "0 /s", "0.2 /s", "12 /s"; `null` while it is not known. */
export function formatRate(perSecond: number | null, locale: string): string {
  if (perSecond === null) {
    return '–';
  }
  const digits = perSecond >= 10 || perSecond === 0 ? 0 : 1;
  const least = 0.05;
  if (perSecond > 0 && perSecond < least) {
    return '< 0.1 /s';
  }
  return `${perSecond.toLocaleString(locale, { maximumFractionDigits: digits })} /s`;
}

/** Write how long a request took: "0.4 ms", "25 ms", "1.2 s". */
export function formatLatency(seconds: number | null, locale: string): string {
  if (seconds === null) {
    return '–';
  }
  if (seconds >= 1) {
    return `${seconds.toLocaleString(locale, { maximumSignificantDigits: 2 })} s`;
  }
  return `${(seconds * 1000).toLocaleString(locale, { maximumSignificantDigits: 2 })} ms`;
}

/** Return what a layer of an image holds, in plain words. */
export function layerWords(name: string, trans: TranslationBundle): string {
  switch (name) {
    case 'base':
      return trans.__('base image');
    case 'heavy wheels':
      return trans.__('large libraries');
    case 'other wheels':
      return trans.__('other libraries');
    case 'runtime':
      return trans.__('server');
    case 'model':
      return trans.__('model');
    default:
      return name;
  }
}

/** Write a prediction for reading. */
export function predictionText(value: unknown, locale: string): string {
  if (typeof value === 'number') {
    return formatNumber(value, locale);
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}
