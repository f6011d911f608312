import type { Schemas } from '../../../api/operations';

export const HOSTILE = '<img src=x onerror=alert(1)>';

export function verdict(changes: Partial<Schemas['DriftVerdictJson']> = {}) {
  return {
    headline: '1 of 2 columns drifted: x',
    found: true,
    state: 'drifted',
    sign: '▲',
    drifted: 1,
    watched: 2,
    reference: { name: 'old.csv', words: '600 rows × 2 columns', rows: 600 },
    current: { name: 'new.csv', words: '600 rows × 2 columns', rows: 600 },
    ...changes
  } as Schemas['DriftVerdictJson'];
}

export const ASKED: Schemas['DriftBody'] = {
  reference: { kind: 'file', name: 'old.csv', label: 'old.csv' },
  current: { kind: 'file', name: 'new.csv', label: HOSTILE },
  options: { q: 0.01 }
};

export function job(changes: Partial<Schemas['JobJson']> = {}): Schemas['JobJson'] {
  return {
    id: 'j1',
    kind: 'drift',
    title: 'old.csv → new.csv',
    command: 'nbship drift old.csv new.csv',
    path: '',
    state: 'completed',
    started: '2026-11-21T10:00:00.000+00:00',
    seconds: 2,
    progress: null,
    message: '',
    exit_code: 1,
    ...changes
  };
}

export function source(name: string, changes: object = {}): Schemas['DriftSourceJson'] {
  return {
    side: { kind: 'file', name, label: name },
    label: name,
    run: '',
    rows: null,
    size_bytes: 2048,
    when: null,
    current_only: false,
    ...changes
  };
}

export const SOURCES: Schemas['DriftSourcesJson'] = {
  runs: [
    source('r:test', {
      side: { kind: 'run', name: 'r', dataset: 'test', label: 'r:test' },
      rows: 900
    }),
    source('r:train', {
      side: { kind: 'run', name: 'r', dataset: 'train', label: 'r:train' },
      rows: 600
    })
  ],
  files: [source('old.csv'), source(HOSTILE)],
  services: [
    source('log of iris', {
      side: { kind: 'service', name: 'iris', label: 'log of iris' },
      current_only: true
    })
  ],
  more: false,
  problem: ''
};
