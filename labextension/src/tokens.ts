import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ServiceManager } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Token } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import type { Api } from './api/client';
import type { ActiveNotebook } from './core/active';
import type { JobsModel } from './core/jobs';
import type { LiveModel } from './core/live';
import type { Sections } from './core/sections';
import type { Tabs } from './core/tabs';

/** What a section or a tab of nbship builds upon. */
export const INbship = new Token<INbship>(
  'nbship:INbship',
  'The core of the nbship sidebar: its server, the active notebook, jobs, and where sections and tabs go.'
);

export interface INbship {
  /** The server extension, typed by its OpenAPI document. */
  readonly api: Api;
  readonly trans: TranslationBundle;
  /** The language of the user interface, as a BCP 47 tag. */
  readonly locale: string;
  readonly rendermime: IRenderMimeRegistry;
  readonly commands: CommandRegistry;
  readonly serviceManager: ServiceManager.IManager;
  /** The notebook that the user works in. */
  readonly active: ActiveNotebook;
  /** Long work: steps, sweeps, pipelines, drift, packages, services. */
  readonly jobs: JobsModel;
  /** What runs now in the kernels of this project. */
  readonly live: LiveModel;
  readonly sections: Sections;
  readonly tabs: Tabs;
  /** Whether this is JupyterLab; Notebook 7 has neither a main area for tabs nor a status bar. */
  readonly isLab: boolean;
  /** Emitted when the user asks for everything to be loaded again. */
  readonly refreshed: ISignal<INbship, void>;
  /** Load everything that is visible again. */
  refresh(): void;
}

/** The commands of nbship, each `nbship:verb-noun`. */
export namespace CommandIDs {
  export const openTab = 'nbship:open-tab';
  export const refreshAll = 'nbship:refresh-all';
  export const showSidebar = 'nbship:show-sidebar';
}
