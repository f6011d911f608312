import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import type { Nbship } from '../core/nbship';
import { followSettings } from '../core/settings';

it('follows which sections are shown and how often the sidebar looks', async () => {
  const settings = {
    composite: { sections: {}, refreshSeconds: 10 },
    changed: new Signal<object, void>({})
  };
  let hidden: (id: string) => boolean = () => true;
  const sections = { setHidden: (test: typeof hidden) => void (hidden = test) };
  const nbship = { sections, idleSeconds: 0 } as unknown as Nbship;
  const registry = { load: async () => settings } as unknown as ISettingRegistry;
  await followSettings(registry, 'nbship:sidebar', nbship);
  expect([nbship.idleSeconds, hidden('drift')]).toEqual([10, false]);
  settings.composite = { sections: { drift: false, ship: true }, refreshSeconds: 60 };
  settings.changed.emit();
  expect(nbship.idleSeconds).toBe(60);
  expect(['drift', 'ship', 'runs'].map(hidden)).toEqual([true, false, false]);
});
