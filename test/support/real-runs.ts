/** Tasks that run in real time, since what they wait for (threads, processes, Redis) has a time of its own. */
import { type Exit, type Fiber, makeRuntime, runTask, runTaskExit, type Task } from 'aio-ts'
import { defectOf, leftOf, rightOf } from './exits.js'

export const run = <E, A>(task: Task.Task<E, A>): Promise<Exit.Exit<E, A>> => runTaskExit(task)

export const valueFrom = async <E, A>(task: Task.Task<E, A>): Promise<A> => rightOf(await runTask(task))

/** The one typed failure that it ends with. */
export const failureFrom = async <E>(task: Task.Task<E, unknown>): Promise<E> => leftOf(await runTask(task))

/** The one defect that it dies of. */
export const defectFrom = async (task: Task.Task<unknown, unknown>): Promise<unknown> =>
  defectOf(await run(task))

/** Its reporter says nothing: the tests themselves look at how their fibers end, some of them late. */
const runtime = makeRuntime({ reporter: () => {} })

export const start = <E, A>(task: Task.Task<E, A>): Fiber<E, A> => runtime.runFork(task)

/** Interrupts the fiber, and gives its exit. */
export const interrupt = <E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> => valueFrom(fiber.interrupt())

export const endOf = <E, A>(fiber: Fiber<E, A>): Promise<Exit.Exit<E, A>> => valueFrom(fiber.wait())
