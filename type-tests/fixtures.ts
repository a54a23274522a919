/// <reference types="node" />
// Programs that are only typed: what the type tests are about. They run on a host whose own AbortSignal is known, as nearly all
// programs do.
import type * as Task from 'aio-ts/Task'

export class HttpError {
  readonly _tag = 'HttpError' as const
  constructor(readonly status: number) {}
}
export class ParseError {
  readonly _tag = 'ParseError' as const
  constructor(readonly line: number) {}
}
export class DiskError {
  readonly _tag = 'DiskError' as const
  constructor(readonly path: string) {}
}
export type Parsed = { readonly n: number }

export declare const load: (url: string) => Task.Task<HttpError, string>
export declare const parse: (text: string) => Task.Task<ParseError, Parsed>
export declare const save: (n: number) => Task.Task<DiskError, boolean>
export declare const loaded: Task.Task<HttpError, string>
export declare const many: Task.Task<HttpError | ParseError | DiskError, boolean>
