import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../../api/operations';

export type Side = Schemas['DriftSideJson'];
export type Source = Schemas['DriftSourceJson'];
export type Sources = Schemas['DriftSourcesJson'];

/** A choice of a list: a source, under the title of its kind. */
export interface IChoice {
  side: Side;
  label: string;
  note: string;
  /** The title of the group that it begins; null within one. */
  group: string | null;
}

/** Return what a side is called. */
export function sideLabel(side: Side): string {
  return side.label || [side.name, side.dataset].filter(Boolean).join(':');
}

/** Whether two sides are the same data. */
export function isSame(left: Side, right: Side): boolean {
  return (
    left.kind === right.kind &&
    left.name === right.name &&
    (left.dataset ?? '') === (right.dataset ?? '')
  );
}

/** Return the choices of a list: what can be the reference cannot always be the current data. */
export function choicesOf(
  sources: Sources,
  role: 'reference' | 'current',
  note: (source: Source) => string,
  trans: TranslationBundle
): IChoice[] {
  const groups: [string, readonly Source[]][] = [
    [trans.__('Logs of services'), sources.services],
    [trans.__('Data of runs'), sources.runs],
    [trans.__('Files'), sources.files]
  ];
  return groups.flatMap(([title, found]) =>
    found
      .filter(source => role === 'current' || !source.current_only)
      .map((source, at) => ({
        side: source.side,
        label: source.label,
        note: note(source),
        group: at === 0 ? title : null
      }))
  );
}

/** Return the data that a served model learnt from: of its run, the one that is called so. */
export function trainingData(sources: Sources, run: string): Side | null {
  const found = sources.runs.filter(({ side }) => side.kind === 'run' && side.name === run);
  const named = found.find(({ side }) => /train|fit|^x/i.test(side.dataset ?? ''));
  const largest = [...found].sort((a, b) => (b.rows ?? 0) - (a.rows ?? 0))[0];
  return (named ?? largest)?.side ?? null;
}
