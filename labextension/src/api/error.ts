import type { TranslationBundle } from '@jupyterlab/translation';
import { ServerConnection } from '@jupyterlab/services';

/** What went wrong with a request, in words for the user. */
export class ApiError extends Error {
  constructor(readonly detail: IErrorDetail) {
    super(detail.message);
    this.name = 'ApiError';
  }

  /** The HTTP status; 0 when no answer came. */
  get status(): number {
    return this.detail.status;
  }

  /** What kind of error it is, for programs: `extension_missing`, `unauthorized`, `not_found`, … */
  get code(): string {
    return this.detail.code;
  }

  /** What the user can do about it; may be empty. */
  get hint(): string {
    return this.detail.hint;
  }
}

export interface IErrorDetail {
  status: number;
  code: string;
  message: string;
  hint: string;
}

/** Return the error of an answer whose status is not a success. */
export async function errorOfResponse(
  response: Response,
  trans: TranslationBundle
): Promise<ApiError> {
  const { status } = response;
  const body = parsed(await response.text().catch(() => ''));
  if (isOurs(body)) {
    return new ApiError({ status, code: body.code, message: body.message, hint: body.hint ?? '' });
  }
  if (status === 404) {
    return extensionMissing(trans);
  }
  if (status === 401 || status === 403) {
    return unauthorized(status, trans);
  }
  return new ApiError({
    status,
    code: 'server_error',
    message: trans.__('The server answered: %1 %2', status, response.statusText),
    hint: trans.__('The log of the Jupyter server says more.')
  });
}

/** Return whatever was thrown as an error with words for the user. */
export function asApiError(thrown: unknown, trans: TranslationBundle): ApiError {
  if (thrown instanceof ApiError) {
    return thrown;
  }
  // A request that never got an answer is a TypeError by the fetch standard.
  if (thrown instanceof ServerConnection.NetworkError) {
    return unreachable(trans);
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ApiError({ status: 0, code: 'client_error', message, hint: '' });
}

/** Whether a request was given up on purpose. */
export function isAbort(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.name === 'AbortError';
}

/** Return the error of an answer that is not JSON although it is a success. */
export function badAnswer(status: number, trans: TranslationBundle): ApiError {
  return new ApiError({
    status,
    code: 'bad_answer',
    message: trans.__('The answer of the server is not what nbship expects.'),
    hint: trans.__('Reload the page; you may have to sign in again.')
  });
}

function extensionMissing(trans: TranslationBundle): ApiError {
  return new ApiError({
    status: 404,
    code: 'extension_missing',
    message: trans.__('The server extension of nbship is not enabled.'),
    hint: trans.__(
      'Run "jupyter server extension enable nbship" where Jupyter runs, and restart Jupyter.'
    )
  });
}

function unauthorized(status: number, trans: TranslationBundle): ApiError {
  return new ApiError({
    status,
    code: 'unauthorized',
    message: trans.__('The Jupyter server does not accept your sign-in any more.'),
    hint: trans.__('Reload the page and sign in again.')
  });
}

function unreachable(trans: TranslationBundle): ApiError {
  return new ApiError({
    status: 0,
    code: 'server_unreachable',
    message: trans.__('The Jupyter server does not answer.'),
    hint: trans.__('Check that it is running and that the network is up; nbship keeps trying.')
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isOurs(body: unknown): body is { code: string; message: string; hint?: string } {
  const ours = body as { code?: unknown; message?: unknown } | null;
  return typeof ours?.code === 'string' && typeof ours.message === 'string';
}
