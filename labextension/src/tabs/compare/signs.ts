import type { TranslationBundle } from '@jupyterlab/translation';

import type { Schemas } from '../../api/operations';

/** A sign beside each kind of change, so that colour is never the only signal. */
export const CHANGE_SIGNS: Record<string, string> = {
  changed: '~',
  added: '+',
  new: '+',
  removed: '−',
  gone: '−',
  moved: '↕',
  type: '≠',
  same: '='
};

/** Return what became of something, in a word. */
export function changeWord(change: string, trans: TranslationBundle): string {
  const words: Record<string, string> = {
    changed: trans.__('changed'),
    added: trans.__('added'),
    new: trans.__('new'),
    removed: trans.__('removed'),
    gone: trans.__('gone'),
    moved: trans.__('moved'),
    type: trans.__('other type'),
    same: trans.__('same')
  };
  return words[change] ?? change;
}

/** Return which cell it is: "Cell 3", or "Cell 3 → 4" where its position changed. */
export function cellName(cell: Schemas['CellDiffJson'], trans: TranslationBundle): string {
  const { left, right } = cell;
  if (left !== null && right !== null && left !== right) {
    return trans.__('Cell %1 → %2', left, right);
  }
  return trans.__('Cell %1', right ?? left ?? '?');
}
