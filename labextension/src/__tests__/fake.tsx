/** A fake of nbship for tests: everything is real but the server. */
import { RenderMimeRegistry, standardRendererFactories } from '@jupyterlab/rendermime';
import type { ServiceManager } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import { Panel, Widget } from '@lumino/widgets';
import { render } from '@testing-library/react';
import * as React from 'react';

import { Api } from '../api/client';
import { ApiError, type IErrorDetail } from '../api/error';
import type { Method } from '../api/operations';
import { NbshipContext, VisibilityContext } from '../core/context';
import { ActiveNotebook } from '../core/active';
import { JobsModel } from '../core/jobs';
import { LiveModel } from '../core/live';
import { Sections } from '../core/sections';
import { addTabCommand } from '../core/tab-command';
import { Tabs } from '../core/tabs';
import { Visibility } from '../core/visibility';
import type { INbship } from '../tokens';

/** What was asked. */
export interface ICall extends Api.IRequest {
  /** For example `GET /runs/{run}`. */
  request: string;
}

/** The JSON of an answer, or a function that makes it or throws; by request, e.g. `GET /runs/{run}`. */
export type Answers = Record<string, object | string | null | ((call: ICall) => unknown)>;

/** An `Api` that asks a table instead of a server, and notes what it was asked. */
export class FakeApi extends Api {
  constructor(
    readonly answers: Answers,
    notebook?: () => string | null
  ) {
    super({ notebook });
  }

  readonly calls: ICall[] = [];

  /** The requests of one kind, e.g. `POST /jobs/step`. */
  callsOf(request: string): ICall[] {
    return this.calls.filter(call => call.request === request);
  }

  protected override async request<T>(method: Method, path: string, options: unknown): Promise<T> {
    const request = `${method.toUpperCase()} ${path}`;
    const call: ICall = { request, ...(options as Api.IRequest) };
    this.calls.push(call);
    await Promise.resolve();
    if (!(request in this.answers)) {
      throw apiError({ code: 'not_faked', message: `The test gives no answer to ${request}.` });
    }
    const answer = this.answers[request];
    return (await (typeof answer === 'function' ? answer(call) : answer)) as T;
  }
}

/** Return an error as the server sends it. */
export function apiError(detail: Partial<IErrorDetail> = {}): ApiError {
  return new ApiError({ status: 400, code: 'usage', message: 'It failed.', hint: '', ...detail });
}

export interface IFakeNbship extends INbship {
  readonly api: FakeApi;
  /** The widgets that were added to the shell, by area. */
  readonly areas: Record<string, Widget[]>;
  /** The id of the widget that was activated last. */
  activated: string;
}

export interface IFakeOptions {
  answers?: Answers;
  /** The path of the active notebook. */
  path?: string | null;
  isLab?: boolean;
}

/** Return everything that a section or tab builds upon, with a server that gives the answers. */
export function fakeNbship(options: IFakeOptions = {}): IFakeNbship {
  const { answers = {}, isLab = true } = options;
  const trans = nullTranslator.load('nbship');
  const active = new ActiveNotebook(null);
  Object.defineProperty(active, 'path', { get: () => options.path ?? null });
  const api = new FakeApi({ 'GET /jobs': { jobs: [] }, ...answers }, () => active.path);
  const shared = { api, trans, active, idleSeconds: () => 10 };
  const refreshed = new Signal<INbship, void>({} as INbship);
  const areas: Record<string, Widget[]> = {};
  const commands = new CommandRegistry();
  const fake = {
    api,
    trans,
    locale: 'en',
    rendermime: new RenderMimeRegistry({ initialFactories: standardRendererFactories }),
    commands,
    serviceManager: {} as ServiceManager.IManager,
    active,
    jobs: new JobsModel(shared),
    live: new LiveModel(shared),
    sections: new Sections(),
    isLab,
    areas,
    activated: '',
    refreshed,
    refresh: () => refreshed.emit()
  } as unknown as IFakeNbship;
  const shell = {
    add: (widget: Widget, area = 'main') => {
      (areas[area] ??= []).push(widget);
      Widget.attach(widget, document.body);
    },
    activateById: (id: string) => void (fake.activated = id)
  };
  const tabs = new Tabs(shell as unknown as ConstructorParameters<typeof Tabs>[0], isLab);
  Object.assign(fake, { tabs });
  tabs.attach(fake);
  addTabCommand(fake);
  return fake;
}

export interface IRendered {
  container: HTMLElement;
  rerender: (element: React.ReactElement) => void;
  unmount: () => void;
  visibility: Visibility;
}

/** Render a component with nbship around it; `visibility.visible = false` hides it. */
export function renderWith(nbship: INbship, element: React.ReactElement): IRendered {
  const visibility = new Visibility();
  visibility.visible = true;
  const wrapper = ({ children }: { children: React.ReactNode }) => (
    <NbshipContext.Provider value={nbship}>
      <VisibilityContext.Provider value={visibility}>{children}</VisibilityContext.Provider>
    </NbshipContext.Provider>
  );
  const { container, rerender, unmount } = render(element, { wrapper });
  return { container, rerender, unmount, visibility };
}

/** Return an attached panel for widgets under test. */
export function attachedPanel(): Panel {
  const panel = new Panel();
  Widget.attach(panel, document.body);
  return panel;
}
