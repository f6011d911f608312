import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { Signal } from '@lumino/signaling';

import { useSignal } from '../core/context';

/** What the user chose on the settings page of tracking. */
export interface ITrackSettings {
  /** Whether the panel shows what tracking the active cell records. */
  preview: boolean;
  /** How many of the notebook's last runs it shows. */
  lastRuns: number;
  /** Whether the status bar says how tracking stands. */
  statusBar: boolean;
}

class TrackSettings {
  value: ITrackSettings = { preview: true, lastRuns: 5, statusBar: true };

  readonly changed = new Signal<this, void>(this);

  /** Follow the settings page; without one, everything is as by default. */
  async follow(registry: ISettingRegistry, plugin: string): Promise<void> {
    const settings = await registry.load(plugin);
    const apply = () => {
      this.value = { ...this.value, ...(settings.composite as Partial<ITrackSettings>) };
      this.changed.emit();
    };
    settings.changed.connect(apply);
    apply();
  }
}

/** The settings of tracking, for all that show it. */
export const trackSettings = new TrackSettings();

/** Return the settings of tracking; rendered again when they change. */
export function useTrackSettings(): ITrackSettings {
  return useSignal(trackSettings.changed, () => trackSettings.value);
}
