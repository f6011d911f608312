import type { ICellModel } from '@jupyterlab/cells';

/** What a cell is to `%%track`. */
export type CellTracking =
  | { kind: 'tracked' }
  | { kind: 'plain' }
  /** A markdown or raw cell, or none at all. */
  | { kind: 'no-code' }
  /** A cell magic of another language, in which there is nothing to find. */
  | { kind: 'other-language'; magic: string }
  | { kind: 'read-only' };

/** The line as one writes it. */
export const TRACK = '%%track';

const MAGIC = /^\s*%%(\w[\w.]*)/;
const TRACK_LINE = /^(\s*)%%track\b[^\n]*(\n|$)/;
/** Cell magics whose body is Python of the notebook: `%%track` may stand above them. */
const PYTHON_MAGICS = new Set(['time', 'timeit', 'capture', 'prun', 'memit']);

/** Tell what a cell is to `%%track`. */
export function cellTracking(model: ICellModel | null | undefined): CellTracking {
  if (!model || model.type !== 'code') {
    return { kind: 'no-code' };
  }
  const magic = MAGIC.exec(model.sharedModel.getSource())?.[1];
  if (magic !== undefined && magic !== 'track' && !PYTHON_MAGICS.has(magic)) {
    return { kind: 'other-language', magic };
  }
  if (model.getMetadata('editable') === false) {
    return { kind: 'read-only' };
  }
  return { kind: magic === 'track' ? 'tracked' : 'plain' };
}

/** Put `%%track` on the first line of a cell, or take it away. One step for undo. */
export function toggleTrack(model: ICellModel): CellTracking {
  const now = cellTracking(model);
  const { sharedModel } = model;
  if (now.kind === 'plain') {
    sharedModel.updateSource(0, 0, `${TRACK}\n`);
  } else if (now.kind === 'tracked') {
    const line = TRACK_LINE.exec(sharedModel.getSource());
    if (line) {
      sharedModel.updateSource(line[1].length, line[0].length, '');
    }
  }
  return cellTracking(model);
}

/** Whether any of the cells loads the extension, or tracks, by itself. */
export function loadsExtension(sources: readonly string[]): boolean {
  return sources.some(source => /^\s*%(?:re)?load_ext\s+nbship\b/m.test(source));
}
