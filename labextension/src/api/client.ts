import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator, type TranslationBundle } from '@jupyterlab/translation';

import { asApiError, badAnswer, errorOfResponse, isAbort } from './error';
import type { Answer, Method, Operation, OptionsArgument, PathsOf } from './operations';

/**
 * Requests to nbship's server extension, typed by its OpenAPI document.
 *
 * Every request carries the path of the active notebook as `?path=`: it decides the project. A query that
 * names a `path` itself wins. Whatever fails throws an `ApiError`; a request that was aborted throws
 * the `AbortError` of the platform.
 */
export class Api {
  constructor(options: Api.IOptions = {}) {
    this._settings = options.settings ?? ServerConnection.makeSettings();
    this._trans = options.trans ?? nullTranslator.load('nbship');
    this._notebook = options.notebook ?? (() => null);
  }

  /** Return the same client for what belongs to the project around another notebook or folder. */
  from(path: string): this {
    const view = Object.create(this) as this;
    view._notebook = () => path;
    return view;
  }

  get<P extends PathsOf<'get'>>(
    path: P,
    ...[options]: OptionsArgument<Operation<P, 'get'>>
  ): Promise<Answer<Operation<P, 'get'>>> {
    return this.request('get', path, options);
  }

  post<P extends PathsOf<'post'>>(
    path: P,
    ...[options]: OptionsArgument<Operation<P, 'post'>>
  ): Promise<Answer<Operation<P, 'post'>>> {
    return this.request('post', path, options);
  }

  put<P extends PathsOf<'put'>>(
    path: P,
    ...[options]: OptionsArgument<Operation<P, 'put'>>
  ): Promise<Answer<Operation<P, 'put'>>> {
    return this.request('put', path, options);
  }

  patch<P extends PathsOf<'patch'>>(
    path: P,
    ...[options]: OptionsArgument<Operation<P, 'patch'>>
  ): Promise<Answer<Operation<P, 'patch'>>> {
    return this.request('patch', path, options);
  }

  delete<P extends PathsOf<'delete'>>(
    path: P,
    ...[options]: OptionsArgument<Operation<P, 'delete'>>
  ): Promise<Answer<Operation<P, 'delete'>>> {
    return this.request('delete', path, options);
  }

  /** Return the address of a path, with its parameters and query filled in. */
  url(path: string, options: Pick<Api.IRequest, 'path' | 'query'> = {}): string {
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) =>
      encodeURIComponent(String(options.path?.[name] ?? ''))
    );
    return URLExt.join(this._settings.baseUrl, 'nbship', filled) + this._query(options.query);
  }

  /** Send a request and return the JSON of its answer. All others end here, so that tests replace this one. */
  protected async request<T>(method: Method, path: string, options: unknown): Promise<T> {
    const { body, signal, ...rest } = (options ?? {}) as Api.IRequest;
    const init: RequestInit = { method: method.toUpperCase(), signal };
    if (body !== undefined) {
      init.body = JSON.stringify(body);
    }
    try {
      return await this._answer<T>(this.url(path, rest), init);
    } catch (thrown) {
      // An abort reaches us as a network error from JupyterLab's wrapper.
      if (signal?.aborted || isAbort(thrown)) {
        throw new DOMException('Aborted', 'AbortError');
      }
      throw asApiError(thrown, this._trans);
    }
  }

  private async _answer<T>(url: string, init: RequestInit): Promise<T> {
    const response = await ServerConnection.makeRequest(url, init, this._settings);
    if (!response.ok) {
      throw await errorOfResponse(response, this._trans);
    }
    const text = await response.text();
    try {
      return (text === '' ? undefined : JSON.parse(text)) as T;
    } catch {
      throw badAnswer(response.status, this._trans);
    }
  }

  private _query(query: Api.IRequest['query'] = {}): string {
    const pairs = Object.entries({ path: this._notebook(), ...query }).flatMap(([name, value]) =>
      value == null || value === '' ? [] : [value].flat().map(each => [name, String(each)])
    );
    return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
  }

  private _settings: ServerConnection.ISettings;
  private _trans: TranslationBundle;
  private _notebook: () => string | null;
}

export namespace Api {
  export interface IOptions {
    settings?: ServerConnection.ISettings;
    trans?: TranslationBundle;
    /** The path of the active notebook, if there is one. */
    notebook?: () => string | null;
  }

  /** A request as it is sent, whatever its operation. */
  export interface IRequest {
    path?: Record<string, string | number>;
    query?: Record<
      string,
      string | number | boolean | readonly (string | number)[] | null | undefined
    >;
    body?: unknown;
    signal?: AbortSignal;
  }
}
