/**
 * What runs on a thread: piscina calls `start` once, with the port by which jobs come, one at a time, and
 * their answers go.
 *
 * Each job is answered once, whatever it does short of ending the thread. The module of the jobs is loaded
 * with the first of them, where a failure is an error of that call; a pool that loads it while starting would
 * start threads in vain.
 */
import process from 'node:process'
import { type MessagePort, workerData } from 'node:worker_threads'
import { describeValue } from '../data/check-input.js'
import { left } from '../data/either.js'
import { ExecutorError } from '../data/errors.js'
import { fail as failure } from '../data/exit.js'
import * as Reasons from '../data/reasons.js'
import type { AnyExit } from '../executor/any-exit.js'
import { answerJobInterrupted } from '../executor/interrupted.js'
import { interruptedAfter } from '../executor/limit.js'
import { asItIs, findJob, type JobFunction, runJob } from '../executor/run-job.js'
import { serializeExit } from '../executor/serialize-exit.js'
import { type Blame, JobHistory } from './job-history.js'
import { Cell, type ExitMessage, type JobMessage, Kind, type ThreadData, unread } from './messages.js'
import { readFunction } from './read-function.js'
import { onceChanged, setCell } from './shared-cells.js'

/** Safe because only `thread-pool.ts` starts this file, and gives this to it. */
const threadDataOf = (data: unknown): ThreadData => data as ThreadData

const { module, cells } = threadDataOf(workerData)

/** The number of the job that runs; 0 while none does. */
let current = 0
/** Interrupts the job that runs, where it is a Task. */
let controller: AbortController | undefined
/** Empty until the module has been loaded once. */
let jobs: object | undefined
/** Undefined before `start`. */
let port: MessagePort | undefined

const history = new JobHistory()

const isJobInterrupted = (): boolean => current !== 0 && Atomics.load(cells, Cell.Interrupted) === current

answerJobInterrupted(isJobInterrupted)

/**
 * One watch for all jobs of the thread: a new one for each would stay behind with each that is not
 * interrupted.
 */
function watch(seen: number): void {
  onceChanged(cells, Cell.Interrupted, seen, () => {
    if (isJobInterrupted()) controller?.abort()
    watch(Atomics.load(cells, Cell.Interrupted))
  })
}

let isWatching = false

function makeSignal(): AbortSignal {
  if (!isWatching) {
    isWatching = true
    watch(Atomics.load(cells, Cell.Interrupted))
  }
  controller = new AbortController()
  // Before the job could be watched.
  if (isJobInterrupted()) controller.abort()
  return controller.signal
}

let isDying = false

const setBlame = ({ culprit, suspect }: Blame): void => {
  Atomics.store(cells, Cell.Culprit, culprit)
  Atomics.store(cells, Cell.Suspect, suspect)
}

/** The thread dies: says which job may be the cause, for the running one need not be. */
function lastWords(): void {
  if (!isDying) setBlame(history.blame(current))
  isDying = true
}

process.on('exit', lastWords)
process.on('uncaughtExceptionMonitor', () => {
  lastWords()
  // Where the module of the jobs handles what is not caught, the thread lives on.
  void Promise.resolve().then(() => {
    isDying = false
    setBlame({ culprit: 0, suspect: 0 })
  })
})

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

const uncloneableResult = (words: string): AnyExit => failure(new ExecutorError('NotCloneable', words))

const sendToCaller = (...message: ExitMessage): void => port?.postMessage(message)

/**
 * Sends how a job ended, or what to say in its place. To look at it may run the job's code, a getter's say,
 * which may throw anything.
 */
function sendExit(number: number, exit: AnyExit): void {
  try {
    const serialized = serializeExit(exit)
    // What an error holds may be such that it can be sent but not be read, and the error itself would be lost
    // with it.
    sendToCaller(number, exit._tag === 'Left' ? structuredClone(serialized) : serialized)
  } catch (thrown) {
    const ended = exit._tag === 'Right' ? `gave ${describeValue(exit.right)}` : Reasons.pretty(exit.left)
    // As text: what was thrown may be something that cannot be copied either.
    const words = `the job ended in a way that cannot be copied: it ${ended}\nto copy that threw ${describeValue(thrown)}`
    sendToCaller(number, serializeExit(uncloneableResult(words)))
  }
}

function finish(exit: AnyExit): void {
  const number = current
  // It has been answered.
  if (number === 0) return
  current = 0
  controller = undefined
  sendExit(number, exit)
}

const died = (thrown: unknown): void => finish(left(Reasons.die(thrown)))

const noThreadSignal = (): undefined => undefined

/** Runs one job to its end. */
function run([number, kind, name, isInterruptible, maxMs, ...args]: JobMessage): void {
  current = number
  const begin = (found: JobFunction | ExecutorError): void => {
    if (found instanceof ExecutorError) {
      finish(failure(found))
      return
    }
    history.begin(number)
    setCell(cells, Cell.Begun, number)
    const around = maxMs === undefined ? asItIs : interruptedAfter(name, maxMs)
    const form = kind === Kind.Encoded ? 'encoded' : 'plain'
    const ended = runJob(found, args, form, isInterruptible ? makeSignal : noThreadSignal, around)
    if (ended instanceof Promise) void ended.then(finish)
    else finish(ended)
  }
  try {
    const found = find(kind, name)
    if (found instanceof Promise) found.then(begin).catch(died)
    else begin(found)
  } catch (thrown) {
    died(thrown)
  }
}

/**
 * A message that could be written, but cannot be read: an argument is an Error that is its own cause, or a
 * list nested too deep.
 */
const refuseJob = (thrown: unknown): void =>
  sendExit(
    unread,
    uncloneableResult(`an argument of the job cannot be read on its thread: ${describeValue(thrown)}`)
  )

/** Takes jobs from that port from now on. */
export function startThread(jobPort: MessagePort): void {
  port = jobPort
  port.on('message', run)
  port.on('messageerror', refuseJob)
}
