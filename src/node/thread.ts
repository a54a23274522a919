/**
 * What runs on a thread: piscina calls `run` with one job after the other.
 *
 * It always comes to an end with an outcome: whatever piscina itself reports is therefore about the thread, and not the job. It
 * loads the module of the jobs with the first of them, where a failure belongs to a call that can be told of it; a pool that loads
 * it while starting would start threads in vain.
 */
import { workerData } from 'node:worker_threads'
import { describe } from '../data/describe.js'
import { left } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import { fail as failure } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import { show } from '../data/show.js'
import { answerJobInterrupted } from '../executor/interrupted.js'
import { type Outcome, packExit } from '../executor/portable.js'
import { findJob, type JobFunction, runJob } from '../executor/run-job.js'
import { type JobMessage, Kind, type ThreadData } from './messages.js'
import { obstacleIn } from './obstacle.js'

/** Holds because only `threads.ts` starts this file, and says this to it. */
const dataOf = (data: unknown): ThreadData => data as ThreadData

const { module, flags, isInterruptible } = dataOf(workerData)

interface AsyncWaiter {
  waitAsync(
    array: Int32Array,
    index: number,
    value: number
  ): { readonly async: false } | { readonly async: true; readonly value: Promise<unknown> }
}

/** Holds on every Node that is supported; the library's declarations are of an older edition. */
const asyncWaiter = (): AsyncWaiter => Atomics as unknown as AsyncWaiter

const waiter = asyncWaiter()

/** The job that runs; 0 while none does. */
let current = 0
/** Interrupts the job that runs, where it is a Task. */
let controller: AbortController | undefined
/** Empty until the module has been loaded once. */
let jobs: object | undefined
/** By their texts, so that each is read once. */
const functions = new Map<string, JobFunction>()

const isInterrupted = (): boolean => current !== 0 && Atomics.load(flags, 0) === current

answerJobInterrupted(isInterrupted)

/**
 * One watch for all jobs of the thread: a new one a job would stay behind with each that is not interrupted. It keeps nothing alive,
 * and needs nothing to: while a job waits piscina's port does.
 */
function watch(seen: number): void {
  const waiting = waiter.waitAsync(flags, 0, seen)
  const look = (): void => {
    if (isInterrupted()) controller?.abort()
    watch(Atomics.load(flags, 0))
  }
  if (waiting.async) void waiting.value.then(look)
  else look()
}

let isWatching = false

function makeSignal(): AbortSignal | undefined {
  if (!isInterruptible) return undefined
  if (!isWatching) {
    isWatching = true
    watch(Atomics.load(flags, 0))
  }
  controller = new AbortController()
  // Before the job could be watched.
  if (isInterrupted()) controller.abort()
  return controller.signal
}

/** A function from its text: an expression, or a method, whose text is none. */
function readFunction(text: string): JobFunction | ExecutorError {
  const known = functions.get(text)
  if (known !== undefined) return known
  for (const source of [`return (${text}\n)`, `return Object.values({ ${text}\n })[0]`]) {
    try {
      const read: unknown = new Function(source)()
      if (typeof read !== 'function') continue
      functions.set(text, read as JobFunction)
      return read as JobFunction
    } catch (thrown) {
      if (!(thrown instanceof SyntaxError)) throw thrown
    }
  }
  return new ExecutorError(
    'NotLoaded',
    `a function cannot be read from its text, which is what crosses to a thread: ${text.slice(0, 80)}`
  )
}

async function load(url: string): Promise<object | ExecutorError> {
  try {
    jobs = (await import(url)) as object
    return jobs
  } catch (thrown) {
    return new ExecutorError('NotLoaded', `the module of the jobs cannot be loaded: ${url}`, thrown)
  }
}

function find(kind: Kind, name: string): JobFunction | ExecutorError | Promise<JobFunction | ExecutorError> {
  if (kind === Kind.Text) return readFunction(name)
  if (jobs !== undefined) return findJob(jobs, name)
  return load(module ?? '').then((loaded) =>
    loaded instanceof ExecutorError ? loaded : findJob(loaded, name)
  )
}

/** The outcome, which must cross: an end that cannot is told by its words. To look at it may run the job's code, a getter's say. */
function outcomeOf(exit: Exit<unknown, unknown>): Outcome {
  try {
    if (exit._tag === 'Left') return structuredClone(packExit(exit))
    const obstacle = obstacleIn(exit.right)
    return obstacle === undefined ? packExit(exit) : uncopied(`there is ${obstacle} in its result`)
  } catch (thrown) {
    const ended = exit._tag === 'Right' ? `gave ${show(exit.right)}` : Reasons.pretty(exit.left)
    // As words: what was thrown may be none that crosses.
    return uncopied(`it ${ended}\nto copy that threw ${describe(thrown)}`)
  }
}

const uncopied = (words: string): Outcome =>
  packExit(
    failure(new ExecutorError('NotCloneable', `the job ended in a way that cannot be copied: ${words}`))
  )

const finish = (exit: Exit<unknown, unknown>): Outcome => {
  current = 0
  controller = undefined
  return outcomeOf(exit)
}

const died = (thrown: unknown): Outcome => finish(left(Reasons.die(thrown)))

/** Runs one job to its end. Never fails, and gives a promise only where it has to wait: piscina's own takes time enough. */
export function run(message: JobMessage): Outcome | Promise<Outcome> {
  const kind = message[1]
  const args = message.slice(3)
  current = message[0]
  const begin = (found: JobFunction | ExecutorError): Outcome | Promise<Outcome> => {
    if (found instanceof ExecutorError) return finish(failure(found))
    const ended = runJob(found, args, kind === Kind.Encoded ? 'encoded' : 'plain', makeSignal)
    return ended instanceof Promise ? ended.then(finish) : finish(ended)
  }
  try {
    const found = find(kind, message[2])
    return found instanceof Promise ? found.then(begin).catch(died) : begin(found)
  } catch (thrown) {
    return died(thrown)
  }
}
