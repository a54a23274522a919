/**
 * Random expressions of everything that keeps, replaces or drops a result: timeouts, races, finalizers that fail, masks, permits, groups
 * and acquisitions around one another. The records of one run say what each of them must not lose.
 *
 * The programs of `program.ts` check which fibers are served and stopped; these check late results.
 */
import { Cause, callOnDone, Deferred, type Exit, type Fiber, Group, Queue, Semaphore, Task } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import fc from 'fast-check'
import { pipe } from 'fp-ts/lib/function.js'
import { isInterrupted } from './world.js'

type Work = Task.Task<unknown, unknown>

/** What stands around an expression. */
export type Wrap =
  | 'ensuring'
  | 'slow ensuring'
  | 'dirty'
  | 'slow dirty'
  | 'mapError'
  | 'tapError'
  | 'orElse'
  | 'orDie'
  | 'bracket'
  | 'dirty bracket'
  | 'permit'
  | 'mask'
  | 'restore'
  | 'named'
  | 'uncancellable'
  | 'callOnDone'
  | 'map'
  | { readonly timeout: number }

export type Expression =
  | { readonly is: 'value' | 'fail'; readonly ms: number }
  | { readonly is: 'never' }
  | { readonly is: 'wrap'; readonly wraps: ReadonlyArray<Wrap>; readonly of: Expression }
  | { readonly is: 'race' | 'all' | 'withGroup'; readonly of: Expression; readonly other: Expression }
  | {
      readonly is: 'each'
      /** 'gets': a loop of gets, each followed by a region. */
      readonly over: 'Queue.forEach' | 'queue' | 'iterable' | 'gets'
      readonly concurrency: number | 'unbounded'
      readonly work: 'sync' | 'chain' | 'slow' | 'region'
    }
  | {
      readonly is: 'acquire'
      readonly ms: number
      readonly isUsed: boolean
      /** What the acquisition waits for besides: something that a fiber of the group gives, or the end of the group. */
      readonly needs: 'nothing' | 'event' | 'close'
    }
  /** Waits for a promise, and as its signal aborts interrupts a fiber that waits for an item, then puts one. */
  | { readonly is: 'listen' }

export interface Setting {
  readonly expression: Expression
  /** What happens to the fiber that runs it, and when. With 'nothing' it ends by itself. */
  readonly ending: 'nothing' | 'close' | 'interrupt'
  /** Whether its type has no error, so that a handler must never be called with one. */
  readonly isRecovered: boolean
  readonly at: number
  /** When the group closes for which something is acquired. */
  readonly closesAt: number
  /** Around a masked value: what passes it through unchanged, and timeouts. */
  readonly late: ReadonlyArray<Wrap>
  readonly yieldEvery: number
  readonly seed: number
}

const ms = fc.constantFrom(0, 1, 2, 5, 10, 20)
const timeout: fc.Arbitrary<Wrap> = fc.record({ timeout: fc.constantFrom(1, 3, 7, 15, 100) })
const clean: ReadonlyArray<Wrap> = [
  'ensuring',
  'slow ensuring',
  'mapError',
  'tapError',
  'orElse',
  'orDie',
  'bracket',
  'permit',
  'mask',
  'restore',
  'named'
]
const wrap: fc.Arbitrary<Wrap> = fc.oneof(
  { weight: 3, arbitrary: timeout },
  { weight: 4, arbitrary: fc.constantFrom<Wrap>(...clean, 'uncancellable', 'callOnDone', 'map') },
  { weight: 4, arbitrary: fc.constantFrom<Wrap>('dirty', 'slow dirty', 'dirty bracket') }
)

const expression: fc.Arbitrary<Expression> = fc.letrec<{ one: Expression }>((tie) => ({
  one: fc.oneof(
    { maxDepth: 3 },
    {
      weight: 2,
      arbitrary: fc.record({ is: fc.constantFrom('value', 'fail'), ms }) as fc.Arbitrary<Expression>
    },
    { weight: 1, arbitrary: fc.constantFrom<Expression>({ is: 'never' }, { is: 'listen' }) },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant('each'),
        over: fc.constantFrom('Queue.forEach', 'queue', 'iterable', 'gets'),
        concurrency: fc.constantFrom<number | 'unbounded'>(1, 2, 'unbounded'),
        work: fc.constantFrom('sync', 'chain', 'slow', 'region')
      }) as fc.Arbitrary<Expression>
    },
    {
      weight: 1,
      arbitrary: fc.record({
        is: fc.constant('acquire'),
        ms,
        isUsed: fc.boolean(),
        needs: fc.constantFrom('nothing', 'nothing', 'nothing', 'event', 'close')
      }) as fc.Arbitrary<Expression>
    },
    {
      weight: 8,
      arbitrary: fc.record({
        is: fc.constant('wrap'),
        wraps: fc.array(wrap, { minLength: 1, maxLength: 5 }),
        of: tie('one')
      }) as fc.Arbitrary<Expression>
    },
    {
      weight: 3,
      arbitrary: fc.record({
        is: fc.constantFrom('race', 'all', 'withGroup'),
        of: tie('one'),
        other: tie('one')
      }) as fc.Arbitrary<Expression>
    }
  )
})).one

export const setting: fc.Arbitrary<Setting> = fc.record({
  expression,
  ending: fc.constantFrom('nothing', 'nothing', 'close', 'interrupt'),
  isRecovered: fc.boolean(),
  at: fc.constantFrom(0, 1, 2, 4, 8, 12, 25),
  closesAt: fc.constantFrom(0, 3, 9, 1000, 1000, 1000),
  late: fc.array(fc.oneof(timeout, fc.constantFrom<Wrap>(...clean)), { maxLength: 6 }),
  yieldEvery: fc.constantFrom(1, 2, 3, 5, 2048),
  seed: fc.nat(1_000_000)
})

/** Longer than whatever ends by itself. */
const longest = 500

/** All errors and defects of a cause, those that an interruption carries included. */
const errorsIn = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.flatMap((reason) => {
    if (reason._tag === 'Fail') return [reason.error]
    if (reason._tag === 'Die') return [reason.defect]
    return reason.result._tag === 'Some' && reason.result.value._tag === 'Left'
      ? errorsIn(reason.result.value.left)
      : []
  })

class Books {
  readonly broken: Array<string> = []
  /** Cleanups that have failed. */
  readonly cleanups: Array<string> = []
  /** Failures of cleanups that may be seen once more, or by nobody else. */
  readonly excused = new Set<unknown>()
  /** What the exit of the fiber says, which counts where nobody else has seen it. */
  inExit: ReadonlyArray<unknown> = []
  /** Where the failure of a cleanup was seen. */
  readonly seen: Array<string> = []
  taken = 0
  started = 0
  private resources = 0
  /** Resources that are acquired and not released; those of which the program has a handle are true. */
  readonly open = new Map<number, boolean>()
  readonly permits = new Semaphore(1)
  /** Made anew in each run, on its runtime. */
  scope!: Group<never>
  /** A fiber of the group completes it, if it is not stopped before. */
  readonly event = new Deferred<never, void>()
  put = 0
  got = 0
  /** Queues of which nobody gets an item any more. */
  readonly queues: Array<Queue<number>> = []

  must(holds: boolean, law: string): void {
    if (!holds) this.broken.push(law)
  }

  readonly dirty: Work = Task.suspend(() => {
    const name = `cleanup ${this.cleanups.length}`
    this.cleanups.push(name)
    return Task.fail(name)
  })

  see(cause: Cause.Cause<unknown>): void {
    // A defect stands by itself and in what the interruption beside it carries.
    for (const error of new Set(errorsIn(cause))) this.note(error)
  }

  /** How a task ends that `callOnDone` waits for is its own business: what it fails with may be seen by nobody. */
  excuse(exit: Exit.Exit<unknown, unknown>): void {
    if (exit._tag === 'Right' || Cause.isInterrupted(exit.left)) return
    for (const error of [...Cause.failures(exit.left), ...Cause.defects(exit.left)]) this.excused.add(error)
  }

  note(error: unknown): void {
    if (typeof error === 'string' && error.startsWith('cleanup')) this.seen.push(error)
  }

  /** The program has a handle of a resource. */
  hold(id: number): void {
    if (this.open.has(id)) this.open.set(id, true)
  }

  acquire(ms: number, needs: 'nothing' | 'event' | 'close'): Task.Task<unknown, number> {
    const needed: Task.Task<never, unknown> =
      needs === 'nothing' ? Task.unit : needs === 'event' ? this.event.wait() : this.scope.asyncClose()
    return this.scope.acquire(
      pipe(
        Task.sleep(ms),
        Task.flatMap(() => needed),
        Task.map(() => {
          const id = this.resources++
          this.open.set(id, false)
          return id
        })
      ),
      (id) =>
        Task.sync(() => {
          this.must(this.open.delete(id), `27: ${id} is released twice`)
        })
    )
  }
}

function wrapped(books: Books, how: Wrap, work: Work): Work {
  if (typeof how === 'object') return Task.timeout(how.timeout)(work)
  switch (how) {
    case 'ensuring':
      return Task.ensuring(Task.unit)(work)
    case 'slow ensuring':
      return Task.ensuring(Task.sleep(2))(work)
    case 'dirty':
      return Task.ensuring(books.dirty)(work)
    case 'slow dirty':
      return pipe(work, Task.ensuring(pipe(books.dirty, Task.delay(2))))
    case 'mapError':
      return Task.mapError((error) => error)(work)
    case 'tapError':
      return pipe(
        work,
        Task.tapError((error) => {
          // It is seen here, and failed with anew.
          books.excused.add(error)
          return Task.unit
        })
      )
    case 'orElse':
      return pipe(
        work,
        Task.orElse((error) => {
          books.note(error)
          return Task.unit
        })
      )
    case 'orDie':
      return Task.orDie(work)
    case 'bracket':
      return Task.bracket(
        Task.unit,
        () => work,
        () => Task.sleep(1)
      )
    case 'dirty bracket':
      return Task.bracket(
        Task.unit,
        () => work,
        () => books.dirty
      )
    case 'permit':
      // Each with permits of its own: nobody waits for them.
      return Task.suspend(() => new Semaphore(1).withPermits(1)(work))
    case 'mask':
      return Task.uninterruptible(work)
    case 'restore':
      return Task.uninterruptibleMask((restore) => restore(work))
    case 'named':
      return Task.named('named')(work)
    case 'uncancellable':
      return Task.uncancellable()(work)
    case 'callOnDone':
      return callOnDone(
        pipe(
          work,
          Task.onExit((exit) => Task.sync(() => books.excuse(exit)))
        ),
        () => 1
      )
    case 'map':
      return Task.map((value) => value)(work)
  }
}

function each(books: Books, how: Extract<Expression, { readonly is: 'each' }>): Work {
  return Task.suspend(() => {
    const count = 12
    const queue = new Queue<number>()
    for (let item = 0; item < count; item++) queue.putNowait(item)
    queue.close()
    let given = 0
    function* items() {
      while (given < count) yield given++
    }
    let started = 0
    const begin = Task.sync(() => {
      started++
    })
    const work = (): Work => {
      switch (how.work) {
        case 'sync':
          return begin
        case 'chain':
          return pipe(
            begin,
            Task.map(() => 1),
            Task.ensuring(Task.unit),
            Task.named('chain')
          )
        case 'slow':
          return pipe(
            begin,
            Task.flatMap(() => Task.sleep(1))
          )
        case 'region':
          return Task.uninterruptible(
            pipe(
              Task.yieldNow,
              Task.flatMap(() => begin)
            )
          )
      }
    }
    const gets: Work = Task.gen(function* () {
      for (;;) {
        yield* queue.get()
        yield* Task.uninterruptible(work())
        yield* Task.yieldNow
      }
    })
    const all: Work =
      how.over === 'gets'
        ? gets
        : how.over === 'Queue.forEach'
          ? queue.forEach(work)
          : Task.forEach(work, { concurrency: how.concurrency })(how.over === 'queue' ? queue : items())
    return pipe(
      all,
      Task.onExit(() =>
        Task.sync(() => {
          const taken = how.over === 'iterable' ? given : count - queue.size
          books.must(started === taken, `8: ${taken} items were taken, work began on ${started}`)
        })
      )
    )
  })
}

function listen(books: Books): Work {
  return Task.withGroup<unknown, unknown, unknown>((group) =>
    Task.gen(function* () {
      const queue = new Queue<number>()
      books.queues.push(queue)
      const getter = yield* group.spawn(
        pipe(
          queue.get(),
          Task.map(() => books.got++)
        )
      )
      const promise = Task.promise(
        (signal) =>
          new Promise<never>((_, reject) =>
            signal.addEventListener('abort', () => {
              getter.interruptNowait()
              queue.putNowait(books.put++)
              reject(signal.reason)
            })
          )
      )
      // Where nobody interrupts it, it is interrupted all the same.
      yield* pipe(promise, Task.race(Task.sleep(60)))
    })
  )
}

function run(books: Books, expression: Expression): Work {
  switch (expression.is) {
    case 'value':
      return pipe(Task.sleep(expression.ms), Task.as('value'))
    case 'fail':
      return pipe(
        Task.sleep(expression.ms),
        Task.flatMap(() => Task.fail('failure'))
      )
    case 'never':
      // Also where it cannot be interrupted it comes to an end.
      return Task.sleep(longest / 5)
    case 'wrap':
      return expression.wraps.reduce((work, how) => wrapped(books, how, work), run(books, expression.of))
    case 'race':
      return pipe(run(books, expression.of), Task.race(run(books, expression.other)))
    case 'all':
      return Task.all([run(books, expression.of), run(books, expression.other)])
    case 'withGroup':
      return Task.withGroup<unknown, unknown, unknown>((group) =>
        pipe(
          group.spawn(run(books, expression.other)),
          Task.flatMap(() => run(books, expression.of))
        )
      )
    case 'each':
      return each(books, expression)
    case 'listen':
      return listen(books)
    case 'acquire':
      return pipe(
        books.acquire(expression.ms, expression.needs),
        expression.isUsed
          ? Task.map((id) => books.hold(id))
          : Task.flatMap((id) => {
              books.hold(id)
              return Task.sleep(1)
            })
      )
  }
}

/** What is wrong with one run. */
export async function playResults({
  expression,
  ending,
  isRecovered,
  at,
  closesAt,
  late,
  yieldEvery,
  seed
}: Setting): Promise<ReadonlyArray<string>> {
  const books = new Books()
  const program = Task.gen(function* () {
    books.scope = yield* Group.make()
    const group = yield* Group.make<unknown>({
      onFailure: (cause) => {
        books.see(cause)
        // A defect beside a failure keeps both in the cause (decision 2).
        const isWrong = Cause.failures(cause).length > 0 && Cause.defects(cause).length === 0
        books.must(
          !isRecovered || !isWrong,
          `10, 24: a handler of errors that cannot be got ${Cause.pretty(cause)}`
        )
      }
    })
    const helpers = yield* Group.make()
    yield* books.scope.spawn(
      pipe(
        Task.sleep(6),
        Task.map(() => books.event.succeed(undefined))
      )
    )
    yield* helpers.spawn(
      pipe(
        Task.sleep(closesAt),
        Task.flatMap(() => books.scope.asyncClose())
      )
    )
    const work = run(books, expression)
    const fiber = yield* group.spawn(isRecovered ? wrapped(books, 'orElse', work) : work)
    if (ending !== 'nothing') {
      yield* Task.sleep(at)
      if (ending === 'interrupt') fiber.interruptNowait()
      else group.close()
    }
    const exit = yield* fiber.wait()
    yield* group.asyncClose()
    if (exit._tag === 'Left') books.inExit = errorsIn(exit.left)
    if (ending === 'nothing') {
      books.must(
        !isInterrupted(exit),
        `2: nobody interrupted it: ${exit._tag === 'Left' && Cause.pretty(exit.left)}`
      )
    }
    if (!books.scope.isClosing) {
      for (const [id, isHeld] of books.open)
        books.must(isHeld, `27: resource ${id} is open, and nobody holds it`)
    }
    yield* helpers.asyncClose()
    yield* books.scope.asyncClose()
    const inside = books.queues.reduce((sum, queue) => sum + queue.size, 0)
    books.must(books.put === books.got + inside, `31: ${books.put} put, ${books.got} got, ${inside} inside`)
    books.must(books.open.size === 0, `27: ${books.open.size} resources were not released`)
    yield* lateValue(books, late)
    yield* lateResource(books, late)
  })
  const { exit } = await runTest(program, {
    seed,
    yieldEvery,
    maxSteps: 100_000,
    onUnseen: (cause) => books.see(cause)
  })
  if (exit._tag === 'Left') throw new Error(`the model's own fiber failed: ${Cause.pretty(exit.left)}`)
  for (const name of books.cleanups) {
    const times = books.seen.filter((other) => other === name).length
    const isSeen = times === 1 || (times === 0 && (books.inExit.includes(name) || books.excused.has(name)))
    books.must(isSeen, `4: the failure of ${name} was seen ${times} times`)
  }
  return books.broken
}

/** Whatever passes a masked value through unchanged keeps it, whatever time-outs stand between. */
function* lateValue(
  books: Books,
  wraps: ReadonlyArray<Wrap>
): Generator<Task.Task<never, unknown>, void, unknown> {
  const commit: Work = Task.uninterruptible(pipe(Task.sleep(10), Task.as('committed')))
  const work = wraps.reduce((inner, how) => wrapped(books, how, inner), commit)
  const exit = (yield* Task.exit(work) as unknown as Task.Task<
    never,
    Exit.Exit<unknown, unknown>
  >) as Exit.Exit<unknown, unknown>
  books.must(
    exit._tag === 'Right' && exit.right === 'committed',
    `10, 35: a masked value came to ${exit._tag === 'Left' ? Cause.pretty(exit.left) : String(exit.right)}`
  )
}

/** The same of a resource, where its fiber is interrupted: the fiber ends with it, or it is released and nothing carries it. */
function* lateResource(books: Books, wraps: ReadonlyArray<Wrap>): Generator<Task.Task<any, any>, void, any> {
  books.scope = yield* Group.make()
  const group = yield* Group.make<unknown>({ onFailure: () => undefined })
  const work = wraps.reduce((inner, how) => wrapped(books, how, inner), books.acquire(10, 'nothing') as Work)
  const fiber: Fiber<unknown, unknown> = yield* group.spawn(work)
  yield* Task.sleep(5)
  const exit: Exit.Exit<unknown, unknown> = yield* fiber.interrupt()
  if (exit._tag === 'Left') {
    books.must(books.open.size === 0, '27: a resource is kept whose caller was interrupted')
    const isCarried = exit.left.reasons.some(
      (reason) =>
        reason._tag === 'Interrupt' &&
        reason.result._tag === 'Some' &&
        reason.result.value._tag === 'Right' &&
        typeof reason.result.value.right === 'number'
    )
    books.must(!isCarried, '27: an interruption carries a resource')
  }
  yield* group.asyncClose()
  yield* books.scope.asyncClose()
  books.must(books.open.size === 0, '27: a resource was not released')
}
