import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { ServiceManager } from '@jupyterlab/services';
import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Signal, type ISignal } from '@lumino/signaling';

import { Api } from '../api/client';
import type { INbship } from '../tokens';
import { ActiveNotebook } from './active';
import { JobsModel } from './jobs';
import { LiveModel } from './live';
import { Sections } from './sections';
import { Tabs } from './tabs';

/** What the plugins of nbship share, for as long as the page lives. */
export class Nbship implements INbship {
  constructor(options: Nbship.IOptions) {
    const { app, rendermime, tracker, translator, isLab } = options;
    this.trans = translator.load('nbship');
    this.locale = localeOf(translator);
    this.rendermime = rendermime;
    this.commands = app.commands;
    this.serviceManager = app.serviceManager;
    this.isLab = isLab;
    this.active = new ActiveNotebook(tracker, app.serviceManager.contents);
    this.api = new Api({
      settings: app.serviceManager.serverSettings,
      trans: this.trans,
      notebook: () => this.active.path
    });
    const shared = {
      api: this.api,
      trans: this.trans,
      active: this.active,
      idleSeconds: () => this.idleSeconds
    };
    this.jobs = new JobsModel(shared);
    this.live = new LiveModel(shared);
    this.tabs = new Tabs(app.shell, isLab);
    this.tabs.attach(this);
  }

  readonly api: Api;
  readonly trans: TranslationBundle;
  readonly locale: string;
  readonly rendermime: IRenderMimeRegistry;
  readonly commands: CommandRegistry;
  readonly serviceManager: ServiceManager.IManager;
  readonly active: ActiveNotebook;
  readonly jobs: JobsModel;
  readonly live: LiveModel;
  readonly sections = new Sections();
  readonly tabs: Tabs;
  readonly isLab: boolean;

  /** How long polls pause while nothing runs. */
  idleSeconds = 10;

  get refreshed(): ISignal<INbship, void> {
    return this._refreshed;
  }

  refresh(): void {
    this.live.refresh();
    this.jobs.refresh();
    this._refreshed.emit();
  }

  private _refreshed = new Signal<INbship, void>(this);
}

export namespace Nbship {
  export interface IOptions {
    app: Pick<JupyterFrontEnd, 'commands' | 'serviceManager' | 'shell'>;
    rendermime: IRenderMimeRegistry;
    tracker: INotebookTracker | null;
    translator: ITranslator;
    isLab: boolean;
  }
}

// JupyterLab names languages "zh_CN", the platform "zh-CN".
function localeOf(translator: ITranslator): string {
  const [locale] = Intl.DateTimeFormat.supportedLocalesOf(
    translator.languageCode.replace('_', '-')
  );
  return locale ?? 'en';
}
