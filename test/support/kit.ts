/**
 * `runTest` of `aio-ts/testing` for the library's own tests.
 *
 * It has two defaults of its own: fibers have the budget of production, so that a test has to request a preemption point at each
 * operation; and reports of the runtime are returned to the test instead of failing it, since many tests are about them.
 */
import { setImmediate as macrotask } from 'node:timers/promises'
import type { Cause, Exit, Task } from 'aio-ts'
import { runTest, type TestOptions } from 'aio-ts/testing'
import { usualBudget } from '../../src/runtime/services.js'
import { defectOf, type Summary, summary } from './exits.js'

export type VirtualOptions = Pick<TestOptions, 'seed' | 'yieldEvery'>

export interface VirtualRun<E, A> {
  readonly exit: Exit.Exit<E, A>
  /** Virtual milliseconds. */
  readonly elapsed: number
  /** What the runtime's reporter was told. */
  readonly reports: ReadonlyArray<Cause.Cause<unknown>>
}

/** Runs `task` to its end on virtual time, first come, first served where there is no seed. */
export async function runVirtual<E, A>(
  task: Task.Task<E, A>,
  options: VirtualOptions = {}
): Promise<VirtualRun<E, A>> {
  const reports: Array<Cause.Cause<unknown>> = []
  const { exit, elapsed } = await runTest(task, {
    yieldEvery: usualBudget,
    onUnseen: (cause) => reports.push(cause),
    ...options
  })
  // What is told of later than the end is told as well.
  await macrotask()
  return { exit, elapsed, reports }
}

/** The summary of the exit of `task`, which runs on virtual time. */
export const runSummary = async (
  task: Task.Task<unknown, unknown>,
  options: VirtualOptions = {}
): Promise<Summary> => summary((await runVirtual(task, options)).exit)

/** The same, and the virtual milliseconds that it took. */
export const timedSummary = async (
  task: Task.Task<unknown, unknown>
): Promise<readonly [Summary, number]> => {
  const { exit, elapsed } = await runVirtual(task)
  return [summary(exit), elapsed]
}

/** The one defect that `task` dies of, which runs on virtual time. */
export const runDefect = async (
  task: Task.Task<unknown, unknown>,
  options: VirtualOptions = {}
): Promise<unknown> => defectOf((await runVirtual(task, options)).exit)
