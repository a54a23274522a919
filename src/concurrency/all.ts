/** Several tasks at once, each in a fiber of its own. All have ended before it returns. */
import { die, succeed } from '../core/construct.js'
import { type ErrorOf, isTask, make, Op, type Task, type ValueOf } from '../core/node.js'
import { checkCount, expected } from '../data/check-input.js'
import type { Exit } from '../data/exit.js'
import { disown } from '../data/promises.js'
import type { FiberState } from '../runtime/fiber-state.js'
import { Children, withChildren } from './children.js'

/** How many at once. */
export interface Concurrency {
  readonly concurrency?: number | 'unbounded'
}

/** Infinity for 'unbounded'; the error where it makes no sense. */
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

/** The tasks of `all`: the next is started when one ends. */
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
 * Runs the tasks at once, each in a fiber of its own, `concurrency` at a time ('unbounded' if left out), and
 * gives their values in the shape that they came in: tuple, array or record. The first failure interrupts the
 * rest, waits until they have ended, and is what it fails with; what went wrong in the others meanwhile is
 * added behind it.
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

/** `all` of a list that nobody else changes. */
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
 * The error for a member that is not a Task. If several members are promises, the error names the first, and
 * all of them are marked as handled.
 */
export function wrongMember(where: string, tasks: ReadonlyArray<unknown>, place: number): TypeError {
  for (const task of tasks) disown(task)
  return expected(where, `a Task at place ${place}`, tasks[place])
}
