/** Types that read the paths of `schema.ts`, as openapi-typescript writes them. */
import type { components, paths } from './schema';

/** The JSON objects of the server by name, e.g. `Schemas['JobJson']`. */
export type Schemas = components['schemas'];

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** The paths that answer to a method. */
export type PathsOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, infer O>
    ? [O] extends [undefined]
      ? never
      : P
    : never;
}[keyof paths];

/** The operation of a method on a path. */
export type Operation<P extends keyof paths, M extends Method> =
  paths[P] extends Record<M, infer O> ? O : never;

type Content<T> = T extends { content: { 'application/json': infer J } } ? J : undefined;

type Success<R> = {
  [S in keyof R]: S extends 200 | 201 | 202 | 204 ? Content<R[S]> : never;
}[keyof R];

/** The JSON of a successful answer. */
export type Answer<O> = O extends { responses: infer R } ? Success<R> : never;

type PathPart<O> = O extends { parameters: { path: infer T } } ? { path: T } : { path?: undefined };

type QueryPart<O> = O extends { parameters: { query: infer T } }
  ? { query: OwnQuery<T> }
  : O extends { parameters: { query?: infer T } }
    ? [NonNullable<T>] extends [never]
      ? { query?: { path?: string } }
      : { query?: NonNullable<T> }
    : { query?: { path?: string } };

// The notebook's path is filled in by the client.
type OwnQuery<T> = T extends { path: string } ? Omit<T, 'path'> & { path?: string } : T;

type BodyPart<O> = O extends { requestBody: { content: { 'application/json': infer T } } }
  ? { body: T }
  : O extends { requestBody?: { content: { 'application/json': infer T } } }
    ? { body?: T }
    : { body?: undefined };

/** What a request needs: path parameters, query and body, each only where the operation has it. */
export type Options<O> = PathPart<O> & QueryPart<O> & BodyPart<O> & { signal?: AbortSignal };

// No options have to be given where none of them is required.
export type OptionsArgument<O> =
  Partial<Options<O>> extends Options<O> ? [options?: Options<O>] : [options: Options<O>];
