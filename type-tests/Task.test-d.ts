// What `aio-ts/Task` infers, and what it refuses: errors add up by themselves and are never dropped unseen.
import type { Cause, Exit, Fiber, TimeoutError } from 'aio-ts'
import * as Task from 'aio-ts/Task'
import * as E from 'fp-ts/lib/Either.js'
import { flow, pipe } from 'fp-ts/lib/function.js'
import type * as IOE from 'fp-ts/lib/IOEither.js'
import * as O from 'fp-ts/lib/Option.js'
import type * as T from 'fp-ts/lib/Task.js'
import type * as TE from 'fp-ts/lib/TaskEither.js'
import { expectAssignable, expectError, expectNotAssignable, expectType } from 'tsd'
import { type DiskError, HttpError, load, loaded, type Parsed, ParseError, parse, save } from './fixtures.js'

// ---- what a Task is: covariant in both, and nothing else is one
expectAssignable<Task.Task<HttpError | ParseError, string | number>>(loaded)
expectAssignable<Task.Task<unknown, unknown>>(loaded)
expectAssignable<Task.Task<HttpError, string>>(Task.never)
expectNotAssignable<Task.Task<never, string>>(loaded)
expectNotAssignable<Task.Task<HttpError, number>>(loaded)
expectNotAssignable<Task.Task<unknown, unknown>>(Promise.resolve(1))
expectNotAssignable<Task.Task<unknown, unknown>>(E.right(1))
expectNotAssignable<Task.Task<unknown, unknown>>(() => Promise.resolve(E.right(1)))
expectType<HttpError>({} as Task.ErrorOf<typeof loaded>)
expectType<string>({} as Task.ValueOf<typeof loaded>)
expectType<HttpError | ParseError>({} as Task.ErrorOf<typeof loaded | ReturnType<typeof parse>>)
expectType<string | Parsed>({} as Task.ValueOf<typeof loaded | ReturnType<typeof parse>>)
expectType<never>({} as Task.ErrorOf<typeof Task.unit>)
expectType<never>({} as Task.ErrorOf<string>)

// ---- constructors
expectType<Task.Task<never, number>>(Task.succeed(1))
expectType<Task.Task<never, number>>(Task.of(1))
expectType<Task.Task<HttpError, never>>(Task.fail(new HttpError(500)))
expectType<Task.Task<never, never>>(Task.die('broken'))
expectType<Task.Task<HttpError, never>>(Task.failCause({} as Cause.Cause<HttpError>))
expectType<Task.Task<HttpError, string>>(Task.fromExit({} as Exit.Exit<HttpError, string>))
expectType<Task.Task<never, Date>>(Task.sync(() => new Date()))
expectType<Task.Task<HttpError, string>>(Task.suspend(() => load('a')))
expectType<Task.Task<HttpError, string>>(
  Task.tryCatch(
    async () => 'text',
    () => new HttpError(500)
  )
)
expectType<Task.Task<HttpError, string>>(
  Task.tryCatch(
    () => 'text',
    () => new HttpError(500)
  )
)
expectType<Task.Task<never, string>>(
  Task.promise(async (signal) => {
    expectType<AbortSignal>(signal)
    return 'text'
  })
)
expectType<Task.Task<HttpError, string>>(Task.async<HttpError, string>((resume) => resume(load('a'))))
expectType<Task.Task<HttpError, string>>(
  Task.async((resume: (task: Task.Task<HttpError, string>) => void) => Task.sync(() => resume(loaded)))
)
expectType<Task.Task<never, void>>(Task.unit)
expectType<Task.Task<never, never>>(Task.never)
expectType<Task.Task<never, never>>(Task.interrupt)
expectType<Task.Task<never, void>>(Task.yieldNow)
expectType<Task.Task<never, void>>(Task.sleep(10))
expectType<Task.Task<never, number>>(Task.now)
expectType<Task.Task<never, number>>(Task.random)
expectType<Task.Task<never, Fiber<unknown, unknown>>>(Task.currentFiber)
expectType<Task.Task<never, AbortSignal>>(Task.signal)
expectError(Task.sleep('10'))
expectError(Task.suspend(() => 1))
expectError(Task.tryCatch(async () => 'text'))
expectError(Task.async<HttpError, string>((resume) => resume(parse('a'))))
expectError(Task.async<HttpError, string>(() => load('a')))

// ---- generators: what they yield adds up, what they return is the value
expectType<Task.Task<HttpError | ParseError | DiskError, boolean>>(
  Task.gen(function* () {
    const text = yield* load('a')
    expectType<string>(text)
    const parsed = yield* parse(text)
    expectType<Parsed>(parsed)
    return yield* save(parsed.n)
  })
)
expectType<Task.Task<never, number>>(
  Task.gen(function* () {
    yield* Task.sleep(1)
    return 1
  })
)
// returning early joins the values
expectType<Task.Task<HttpError | ParseError, string | number>>(
  Task.gen(function* () {
    const text = yield* load('a')
    if (text.length === 0) return text
    const { n } = yield* parse(text)
    return n
  })
)
// a failure ends it: what follows knows that
expectType<Task.Task<HttpError | ParseError, string>>(
  Task.gen(function* () {
    const text: string | undefined = yield* load('a')
    if (text === undefined) return yield* Task.fail(new ParseError(1))
    return text
  })
)
// a generator of one's own that is yielded from
function* both(url: string) {
  const text = yield* load(url)
  return yield* parse(text)
}
expectType<Task.Task<HttpError | ParseError | DiskError, boolean>>(
  Task.gen(function* () {
    const { n } = yield* both('a')
    return yield* save(n)
  })
)
// gen within gen
expectType<Task.Task<HttpError | ParseError, number>>(
  Task.gen(function* () {
    const text = yield* Task.gen(function* () {
      return yield* load('a')
    })
    const { n } = yield* parse(text)
    return n
  })
)
expectType<Task.Task<HttpError, string>>(Task.gen(() => both2()))
declare function both2(): Generator<Task.Task<HttpError, unknown>, string, any>
expectError(
  Task.gen(function* () {
    yield 1
  })
)
expectError(
  Task.gen(function* () {
    yield Promise.resolve(1)
    return 1
  })
)
expectError(Task.gen(async function* () {}))
expectError<Task.Task<HttpError, number>>(
  Task.gen(function* () {
    const text = yield* load('a')
    const { n } = yield* parse(text)
    return n
  })
)

// ---- from and to fp-ts
expectType<Task.Task<HttpError, string>>(Task.fromEither({} as E.Either<HttpError, string>))
expectType<Task.Task<HttpError, number>>(
  pipe(
    O.some(1),
    Task.fromOption(() => new HttpError(404))
  )
)
expectType<Task.Task<HttpError, string>>(
  pipe(
    undefined as string | null | undefined,
    Task.fromNullable(() => new HttpError(404))
  )
)
expectType<Task.Task<ParseError, number>>(
  pipe(
    1,
    Task.fromPredicate(
      (n: number) => n > 0,
      (n) => new ParseError(n)
    )
  )
)
expectType<Task.Task<never, number>>(Task.fromIO(() => 1))
expectType<Task.Task<HttpError, number>>(Task.fromIOEither({} as IOE.IOEither<HttpError, number>))
expectType<Task.Task<never, number>>(Task.fromTask({} as T.Task<number>))
expectType<Task.Task<HttpError, number>>(Task.fromTaskEither({} as TE.TaskEither<HttpError, number>))
expectType<TE.TaskEither<HttpError, string>>(Task.toTaskEither(loaded))
expectError(Task.fromEither(O.some(1)))

// ---- sequence
expectType<Task.Task<HttpError, number>>(
  pipe(
    loaded,
    Task.map((text) => text.length)
  )
)
expectType<Task.Task<HttpError, boolean>>(pipe(loaded, Task.as(true as boolean)))
expectType<Task.Task<HttpError, void>>(pipe(loaded, Task.asUnit))
expectType<Task.Task<HttpError | ParseError, Parsed>>(pipe(loaded, Task.flatMap(parse)))
expectType<Task.Task<HttpError | ParseError, Parsed>>(pipe(loaded, Task.map(parse), Task.flatten))
expectType<Task.Task<HttpError | ParseError, string>>(pipe(loaded, Task.tap(parse)))
expectType<Task.Task<HttpError, never>>(pipe(loaded, Task.forever))
expectType<Task.Task<HttpError, string>>(pipe(loaded, Task.delay(10)))
expectType<(url: string) => Task.Task<HttpError | ParseError | DiskError, boolean>>(
  flow(
    load,
    Task.flatMap(parse),
    Task.flatMap(({ n }) => save(n))
  )
)
expectError(pipe(loaded, Task.flatMap(save)))
expectError(
  pipe(
    loaded,
    Task.flatMap((text) => text.length)
  )
)
expectError(
  pipe(
    loaded,
    Task.map((text) => text.missing)
  )
)

// a pipe as long as they get: every error is still there, none twice
expectType<Task.Task<HttpError | ParseError | DiskError | TimeoutError, string>>(
  pipe(
    load('a'),
    Task.map((text) => text.trim()),
    Task.flatMap(parse),
    Task.tap(({ n }) => save(n)),
    Task.map(({ n }) => n + 1),
    Task.timeout(1000),
    Task.flatMap(save),
    Task.map((saved) => (saved ? 1 : 0)),
    Task.flatMap((n) => load(String(n))),
    Task.delay(5),
    Task.tap(() => Task.yieldNow),
    Task.map((text) => text.length),
    Task.ensuring(Task.unit),
    Task.named('long'),
    Task.map(String)
  )
)

// ---- building a record
expectType<
  Task.Task<
    HttpError | ParseError | DiskError,
    { readonly text: string; readonly parsed: Parsed; readonly saved: boolean }
  >
>(
  pipe(
    Task.Do,
    Task.bind('text', () => load('a')),
    Task.bind('parsed', ({ text }) => parse(text)),
    Task.bind('saved', ({ text, parsed }) => save(parsed.n + text.length))
  )
)
expectType<Task.Task<HttpError, number>>(
  pipe(
    loaded,
    Task.bindTo('text'),
    Task.let('length', ({ text }) => text.length),
    Task.map((record) => {
      expectType<string>(record.text)
      return record.length
    })
  )
)
expectType<Task.Task<HttpError | ParseError, number>>(
  pipe(
    Task.Do,
    Task.apS('text', loaded),
    Task.apS('parsed', parse('1')),
    Task.map(({ text, parsed }) => text.length + parsed.n)
  )
)
expectError(
  pipe(
    loaded,
    Task.bindTo('text'),
    Task.bind('text', () => Task.succeed(1))
  )
)
expectError(
  pipe(
    loaded,
    Task.bindTo('text'),
    Task.let('text', () => 1)
  )
)
expectError(pipe(loaded, Task.bindTo('text'), Task.apS('text', Task.succeed(1))))
expectError(
  pipe(
    loaded,
    Task.bindTo('text'),
    Task.bind('parsed', ({ txt }) => parse(txt))
  )
)
expectError(
  pipe(
    loaded,
    Task.bindTo('text'),
    Task.bind('parsed', () => 1)
  )
)

// ---- two at once, and perhaps
expectType<Task.Task<HttpError | ParseError, number>>(
  pipe(
    Task.succeed((text: string) => (parsed: Parsed) => text.length + parsed.n),
    Task.ap(loaded),
    Task.ap(parse('1'))
  )
)
expectError(
  pipe(
    Task.succeed((n: number) => n + 1),
    Task.ap(loaded)
  )
)
expectAssignable<Task.Task<HttpError | ParseError, readonly [string, Parsed]>>(
  pipe(loaded, Task.zip(parse('1')))
)
expectNotAssignable<Task.Task<HttpError, unknown>>(pipe(loaded, Task.zip(parse('1'))))
expectNotAssignable<Task.Task<never, unknown>>(pipe(loaded, Task.when(true)))
expectNotAssignable<Task.Task<never, unknown>>(pipe(loaded, Task.unless(true)))
expectAssignable<Task.Task<HttpError, unknown>>(pipe(loaded, Task.when(true)))
expectAssignable<Task.Task<HttpError, unknown>>(pipe(loaded, Task.unless(true)))

// ---- finalizers and interruption
expectType<Task.Task<HttpError | DiskError, string>>(pipe(loaded, Task.ensuring(save(1))))
expectType<Task.Task<HttpError | DiskError, string>>(
  pipe(
    loaded,
    Task.onExit((exit) => {
      expectType<Exit.Exit<HttpError, string>>(exit)
      return save(1)
    })
  )
)
expectType<Task.Task<HttpError | DiskError, string>>(pipe(loaded, Task.onInterrupt(save(1))))
expectType<Task.Task<HttpError | ParseError | DiskError, Parsed>>(
  Task.bracket(
    loaded,
    (text) => {
      expectType<string>(text)
      return parse(text)
    },
    (text, exit) => {
      expectType<string>(text)
      expectType<Exit.Exit<ParseError, Parsed>>(exit)
      return save(1)
    }
  )
)
expectType<Task.Task<HttpError, string>>(Task.uninterruptible(loaded))
expectType<Task.Task<HttpError, string>>(Task.interruptible(loaded))
expectType<Task.Task<HttpError | ParseError, Parsed>>(
  Task.uninterruptibleMask((restore) => {
    expectType<Task.Task<HttpError, string>>(restore(loaded))
    expectType<Task.Task<ParseError, Parsed>>(restore(parse('1')))
    return pipe(restore(loaded), Task.flatMap(parse))
  })
)
expectType<Task.Task<HttpError, string>>(pipe(loaded, Task.uncancellable()))
expectType<Task.Task<HttpError, string>>(pipe(loaded, Task.uncancellable({ raiseCancel: false })))
expectError(pipe(loaded, Task.uncancellable({ raisecancel: false })))
expectError(pipe(loaded, Task.uncancellable))
expectError(
  pipe(
    loaded,
    Task.ensuring(() => Task.unit)
  )
)
expectError(Task.bracket(loaded, parse, () => undefined))
expectError(Task.bracket(loaded, parse))
expectError(Task.bracket(loaded, save, () => Task.unit))

// ---- functions whose bodies are generators

const reload = Task.fn('reload', function* (id: string, retries?: number) {
  const text = yield* load('a')
  if (text === id) yield* Task.fail(retries)
  return text.length
})
expectType<(id: string, retries?: number) => Task.Task<HttpError | number | undefined, number>>(reload)
const wrapped = Task.fn(function* <A>(value: A) {
  return { value: yield* Task.succeed(value) }
})
expectType<Task.Task<never, { value: string }>>(wrapped('a'))
expectType<Task.Task<never, { value: number }>>(wrapped(1))
const constrained = Task.fn('constrained', function* <A extends { readonly id: string }>(value: A) {
  return yield* Task.succeed([value] as const)
})
expectType<Task.Task<never, readonly [{ id: string; n: number }]>>(constrained({ id: 'a', n: 1 }))
expectError(constrained({ id: 1 }))
expectError(reload(1))
expectError(Task.fn('load'))
expectError(Task.fn(async function* () {}))
