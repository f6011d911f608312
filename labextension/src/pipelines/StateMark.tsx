import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { useNbship } from '../core/context';
import type { StepStateWord } from './reports';

/** The library's own signs, so that colour is never the only signal. */
export const STATE_SIGNS: Record<StepStateWord, string> = {
  completed: '✓',
  cached: '≡',
  failed: '✗',
  'timed out': '✗',
  killed: '■',
  'not run': '–',
  running: '▸',
  waiting: '·'
};

/** Return a state in the language of the user interface. */
export function stateWord(state: StepStateWord, trans: TranslationBundle): string {
  const words: Record<StepStateWord, string> = {
    completed: trans.__('completed'),
    cached: trans.__('cached'),
    failed: trans.__('failed'),
    'timed out': trans.__('timed out'),
    killed: trans.__('killed'),
    'not run': trans.__('not run'),
    running: trans.__('running'),
    waiting: trans.__('waiting')
  };
  return words[state] ?? state;
}

/** Return the class that gives the colour of a state. */
export function stateClass(state: StepStateWord): string {
  return `jp-nbship-is-${state.replace(' ', '-')}`;
}

/** The sign and the word of a state in its colour. */
export function StateMark({ state }: { state: StepStateWord }): React.ReactElement {
  const { trans } = useNbship();
  return (
    <span className={`jp-nbship-StateMark ${stateClass(state)}`}>
      <span className="jp-nbship-StateMark-sign" aria-hidden="true">
        {STATE_SIGNS[state] ?? ''}
      </span>
      {stateWord(state, trans)}
    </span>
  );
}
