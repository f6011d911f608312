import { ServerConnection } from '@jupyterlab/services';

import { Api } from '../api/client';
import { ApiError } from '../api/error';

/** A server that notes the requests, and gives one answer to all of them. */
function server(answer: () => Response | Promise<Response>): { api: Api; requests: Request[] } {
  const requests: Request[] = [];
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:8888/user/ada/',
    token: 'secret',
    fetch: request => {
      requests.push(request as Request);
      return Promise.resolve(answer());
    }
  });
  return { api: new Api({ settings, notebook: () => 'work/my notebook.ipynb' }), requests };
}

function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

async function errorOf(promise: Promise<unknown>): Promise<ApiError> {
  const thrown: unknown = await promise.then(
    () => null,
    error => error
  );
  expect(thrown).toBeInstanceOf(ApiError);
  return thrown as ApiError;
}

describe('Api', () => {
  it('asks under the base URL, with path parameters, the query and the active notebook', async () => {
    const { api, requests } = server(() => json({ log: 'done' }));
    const answer = await api.get('/jobs/{job}', { path: { job: 'a/b' }, query: { log_from: 7 } });
    expect(answer.log).toBe('done');
    const url = new URL(requests[0].url);
    expect(url.pathname).toBe('/user/ada/nbship/jobs/a%2Fb');
    expect(url.searchParams.get('path')).toBe('work/my notebook.ipynb');
    expect(url.searchParams.get('log_from')).toBe('7');
    expect(requests[0].headers.get('Authorization')).toBe('token secret');
  });

  it('lets a query name another path, and leaves an empty one out', async () => {
    const { api, requests } = server(() => json({ jobs: [] }));
    await api.get('/jobs', { query: { path: 'other' } });
    await api.get('/jobs', { query: { path: '' } });
    const paths = requests.map(request => new URL(request.url).searchParams.get('path'));
    expect(paths).toEqual(['other', null]);
  });

  it('returns nothing for an empty answer', async () => {
    const { api, requests } = server(() => new Response(null, { status: 204 }));
    await expect(api.delete('/jobs/{job}', { path: { job: 'a' } })).resolves.toBeUndefined();
    expect(requests[0].method).toBe('DELETE');
  });

  it("throws the server's code, message and hint", async () => {
    const { api } = server(() =>
      json({ code: 'store_down', message: 'The store is down.', hint: 'Start it.' }, 502)
    );
    const error = await errorOf(api.get('/jobs'));
    expect(error.detail).toEqual({
      status: 502,
      code: 'store_down',
      message: 'The store is down.',
      hint: 'Start it.'
    });
  });

  it.each([
    [404, '<html>Not found</html>', 'extension_missing', 'jupyter server extension enable nbship'],
    [404, '{"message": "Not Found", "reason": null}', 'extension_missing', 'restart'],
    [403, '{"message": "Forbidden"}', 'unauthorized', 'sign in'],
    [401, '', 'unauthorized', 'sign in'],
    [500, 'oops', 'server_error', 'log']
  ])('says what status %i without an error of ours means', async (status, body, code, hint) => {
    const { api } = server(() => new Response(body, { status }));
    const error = await errorOf(api.get('/jobs'));
    expect([error.status, error.code]).toEqual([status, code]);
    expect(error.hint).toContain(hint);
  });

  it('says that a server which does not answer is unreachable', async () => {
    const { api } = server(() => Promise.reject(new TypeError('Failed to fetch')));
    expect((await errorOf(api.get('/jobs'))).code).toBe('server_unreachable');
  });

  it('says that an answer is no JSON', async () => {
    const { api } = server(() => new Response('<html>Sign in</html>'));
    expect((await errorOf(api.get('/jobs'))).code).toBe('bad_answer');
  });

  it('throws an abort as an abort, not as an error for the user', async () => {
    const abort = new AbortController();
    abort.abort();
    const { api } = server(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(api.get('/jobs', { signal: abort.signal })).rejects.toMatchObject({
      name: 'AbortError'
    });
  });
});
