import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { Nbship } from './nbship';

/** Follow the settings of the sidebar: which sections it shows, and how often it looks. */
export async function followSettings(
  registry: ISettingRegistry,
  plugin: string,
  nbship: Nbship
): Promise<void> {
  const settings = await registry.load(plugin);
  const apply = () => {
    const shown = settings.composite.sections as Record<string, boolean>;
    nbship.idleSeconds = settings.composite.refreshSeconds as number;
    nbship.sections.setHidden(id => shown[id] === false);
  };
  settings.changed.connect(apply);
  apply();
}
