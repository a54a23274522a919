/**
 * What a job is: a function, and where it declares them the codecs of what goes in, comes out and fails.
 *
 * The codecs are attached to the function under a symbol that every copy of the library shares, so that a job
 * module and the executor that runs it need not have loaded the same copy.
 */
import type * as t from 'io-ts'
import type { Task } from '../core/node.js'
import { checkFunction, describeValue } from '../data/check-input.js'
import type { DecodeError } from '../io-ts/decode-error.js'

/** How a job's values cross a boundary. Without `error` the job cannot fail. */
export interface JobCodecs {
  readonly input: t.Mixed
  readonly output: t.Mixed
  readonly error?: t.Mixed
}

type ErrorCodecOf<C> = C extends { readonly error: t.Type<infer E, any, unknown> } ? E : never

/** What the function of a job may give: a value, a promise or a Task. */
export type JobResult<C extends JobCodecs> =
  | t.TypeOf<C['output']>
  | PromiseLike<t.TypeOf<C['output']>>
  | Task<ErrorCodecOf<C>, t.TypeOf<C['output']>>

const codecsKey = Symbol.for('aio-ts.job')

declare const declaredJobs: unique symbol

/** A function that carries its codecs. */
export interface WithCodecs<out C extends JobCodecs> {
  /** Only a type: there is no such property. */
  readonly [declaredJobs]: C
}

/** The function `f` with its codecs. Called directly it is just `f`. */
export type Job<C extends JobCodecs, R> = ((input: t.TypeOf<C['input']>) => R) & WithCodecs<C>

/** The error that a job's Task fails with. */
export type JobError<F> = F extends (...args: any) => infer R
  ? R extends Task<infer E, any>
    ? E
    : never
  : never

/** What a job gives in the end: of a Task, of a promise, or itself. */
export type JobValue<F> = F extends (...args: any) => infer R
  ? R extends Task<any, infer A>
    ? A
    : Awaited<R>
  : never

/** What a job is called with. */
export type JobArgs<F> = F extends (...args: infer P) => any ? P : never

/** Where a job has codecs, a value may not fit them. */
export type JobDecodeError<F> = F extends WithCodecs<JobCodecs> ? DecodeError : never

type SameForms<T> =
  T extends t.Type<infer A, infer O, unknown> ? ([A, O] extends [O, A] ? true : false) : true

/**
 * Whether the encoded forms of all that crosses are the values themselves, so that a caller can do without
 * the codecs.
 */
export type IsPlain<F> =
  F extends WithCodecs<infer C>
    ? [SameForms<C['input']>, SameForms<C['output']>, SameForms<C['error']>] extends [true, true, true]
      ? true
      : false
    : true

const isCodec = (value: unknown): boolean => {
  const { decode, encode, is } = Object(value)
  return [decode, encode, is].every((method) => typeof method === 'function')
}

/**
 * A job: gives `f` back, as another function, with its codecs attached. What goes in, comes out or fails
 * crosses a boundary encoded and is decoded on the other side; a value that does not fit is a `DecodeError`
 * of the call, and an input that does not fit never reaches `f`. Called directly it is just `f`.
 *
 * Throws a TypeError at what are no codecs, and at what is no function.
 *
 * ```ts
 * import { job, LocalExecutor } from 'aio-ts/executor'
 * import { runTask, Task } from 'aio-ts'
 * import * as t from 'io-ts'
 *
 * const jobs = {
 *   half: job({ input: t.number, output: t.number, error: t.string }, (n) =>
 *     n % 2 === 0 ? Task.succeed(n / 2) : Task.fail(`${n} is odd`)
 *   )
 * }
 * const program = Task.gen(function* () {
 *   const executor = yield* LocalExecutor.make(jobs)
 *   return yield* executor.call('half', 7)
 * })
 * console.log(await runTask(program)) // => { _tag: 'Left', left: '7 is odd' }
 * ```
 */
export function job<C extends JobCodecs, R extends JobResult<C>>(
  codecs: C,
  f: (input: t.TypeOf<C['input']>) => R
): Job<C, R> {
  const wrong = checkFunction('job', 'a function', f)
  if (wrong !== undefined) throw wrong
  const given: Readonly<Record<string, unknown>> = Object(codecs)
  for (const name of ['input', 'output', 'error']) {
    if (name === 'error' && given[name] === undefined) continue
    if (!isCodec(given[name])) {
      throw new TypeError(`job: expected an io-ts codec as ${name}, got ${describeValue(given[name])}`)
    }
  }
  const whole = (input: t.TypeOf<C['input']>): R => f(input)
  Object.defineProperty(whole, 'name', { value: f.name })
  Object.defineProperty(whole, codecsKey, { value: codecs })
  return declaring(whole)
}

/** Safe because `declared` is only a type: the codecs are stored under a symbol. */
const declaring = <C extends JobCodecs, R>(f: (input: t.TypeOf<C['input']>) => R): Job<C, R> => f as Job<C, R>

/** The codecs of a function, where it was made by `job`. */
export const codecsOf = (f: unknown): JobCodecs | undefined =>
  typeof f === 'function' ? Reflect.get(f, codecsKey) : undefined
