/** Runs several tasks at once, each in a fiber of its own, and returns when all have ended. */
import { die, succeed } from '../core/construct.js'
import { type ErrorOf, isTask, make, Op, type Task, type ValueOf } from '../core/node.js'
import { checkCount, expected } from '../data/check-input.js'
import type { Exit } from '../data/exit.js'
import { disown } from '../data/promises.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { Children, withChildren } from './children.js'

/** Options of the functions that run several tasks at once. */
export interface Concurrency {
  readonly concurrency?: number | 'unbounded'
}

/**
 * Returns the limit in `options`, Infinity for 'unbounded', or `otherwise`
 * if it is left out. Returns the error if the limit is invalid.
 */
export function limitOf(
  where: string,
  options: Concurrency | undefined,
  otherwise: number
): number | RangeError {
  const concurrency = options?.concurrency
  if (concurrency === undefined) return otherwise
  if (concurrency === 'unbounded') return Number.POSITIVE_INFINITY
  return checkCount(where, "concurrency (or 'unbounded')", 1, concurrency) ?? concurrency
}

/** The children of `all`: when one ends, the next task is started. */
class All extends Children {
  private readonly values: Array<unknown>
  private started = 0

  constructor(
    parent: FiberState,
    private readonly tasks: ReadonlyArray<Task<unknown, unknown>>,
    limit: number
  ) {
    super(parent)
    this.values = new Array(tasks.length)
    while (this.started < Math.min(limit, tasks.length)) this.startNext()
  }

  protected get what(): string {
    return 'all'
  }

  private startNext(): void {
    const task = this.tasks[this.started]
    if (task === undefined) return
    this.start(task).place = this.started++
  }

  protected childEnded(fiber: FiberState, exit: Exit<unknown, unknown>): void {
    if (exit._tag === 'Right') {
      this.values[fiber.place] = exit.right
      this.startNext()
    } else {
      this.failure = exit.left
      this.stop()
    }
  }

  protected outcome(): Task<unknown, unknown> {
    return succeed(this.values)
  }
}

const isList = (
  tasks: ReadonlyArray<Task<unknown, unknown>> | Readonly<Record<string, Task<unknown, unknown>>>
): tasks is ReadonlyArray<Task<unknown, unknown>> => Array.isArray(tasks)

/**
 * Runs the tasks at once, each in a fiber of its own, `concurrency` at a time ('unbounded'
 * if left out). Succeeds with their values in the shape of the input: tuple, array or
 * record. The first failure interrupts the other tasks and waits until they have ended; then
 * `all` fails with it. What failed in the others in the meantime is appended to the cause.
 *
 * ```ts
 * import { runTask, Task } from 'aio-ts'
 *
 * console.log(await runTask(Task.all([Task.succeed(1), Task.succeed('a')]))) // => { _tag: 'Right', right: [ 1, 'a' ] }
 * console.log(await runTask(Task.all({ n: Task.succeed(1) }))) // => { _tag: 'Right', right: { n: 1 } }
 * ```
 */
export function all<const T extends ReadonlyArray<Task<any, any>>>(
  tasks: T,
  options?: Concurrency
): Task<ErrorOf<T[number]>, { -readonly [K in keyof T]: ValueOf<T[K]> }>
export function all<const T extends Readonly<Record<string, Task<any, any>>>>(
  tasks: T,
  options?: Concurrency
): Task<ErrorOf<T[keyof T]>, { -readonly [K in keyof T]: ValueOf<T[K]> }>
export function all(
  tasks: ReadonlyArray<Task<unknown, unknown>> | Readonly<Record<string, Task<unknown, unknown>>>,
  options?: Concurrency
): Task<unknown, unknown> {
  if (typeof tasks !== 'object' || tasks === null || isTask(tasks)) {
    return die(expected('Task.all', 'an array or a record of Tasks', tasks))
  }
  if (isList(tasks)) return allOf('Task.all', [...tasks], options)
  const keys = Object.keys(tasks)
  const toRecord = (values: ReadonlyArray<unknown>): unknown =>
    Object.fromEntries(keys.map((key, index) => [key, values[index]]))
  return make(Op.Map, allOf('Task.all', Object.values(tasks), options), toRecord)
}

/** Implements `all` for an array that no other code modifies. */
export function allOf<E, A>(
  where: string,
  tasks: ReadonlyArray<Task<E, A>>,
  options?: Concurrency
): Task<E, ReadonlyArray<A>> {
  const limit = limitOf(where, options, Number.POSITIVE_INFINITY)
  if (typeof limit !== 'number') return die(limit)
  const wrong = tasks.findIndex((task) => !isTask(task))
  if (wrong >= 0) return die(wrongMember(where, tasks, wrong))
  return withChildren((parent) => new All(parent, tasks, limit))
}

/**
 * Returns the error that names the first value that is not a Task. Rejections of all
 * promises among `tasks` are marked as handled, because the error reports the mistake.
 */
export function wrongMember(where: string, tasks: ReadonlyArray<unknown>, place: number): TypeError {
  for (const task of tasks) disown(task)
  return expected(where, `a Task at place ${place}`, tasks[place])
}
