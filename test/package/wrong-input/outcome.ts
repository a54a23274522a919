/** How a call with a wrong input ends, and whether that is allowed: it succeeds, or an error names the function and what it expected. */
import { setImmediate as macrotask } from 'node:timers/promises'
import type { Cause, Exit, Fiber, Task } from 'aio-ts'
import { Resource } from 'aio-ts'
import { isTask } from '../../../src/core/node.js'
import { Machine } from '../../support/machine.js'

/** What an engine says where a program has looked at what is not there: no words for a person. */
const engineWords =
  /is not a function|is not iterable|is not a constructor|cannot read|cannot destructure|cannot set|undefined \(reading|null \(reading|cannot convert|cannot use 'in'|right-hand side|invalid (array|date|time)|Maximum call stack/i

/** What is wrong with the words of an error, if anything is. */
function faultOf(error: unknown, name: RegExp): string | undefined {
  if (!(error instanceof Error)) return `no Error: ${String(error)}`
  const text = error.message
  if (engineWords.test(text)) return `the engine's words: ${text}`
  if (!name.test(text)) return `does not name the function: ${text}`
  if (!/expected/i.test(text)) return `does not say what was expected: ${text}`
  return undefined
}

const defectsOf = (cause: Cause.Cause<unknown>): ReadonlyArray<unknown> =>
  cause.reasons.flatMap((reason) => (reason._tag === 'Die' ? [reason.defect] : []))

/** Runs it for so long as it goes on by itself, on virtual time; then it is interrupted. Gives its defects. */
async function run(task: Task.Task<unknown, unknown>): Promise<ReadonlyArray<unknown>> {
  const machine = new Machine()
  const fiber = machine.fork(task)
  for (let rounds = 0; rounds < 20 && fiber.poll()._tag === 'None'; rounds++) {
    for (let turns = 0; turns < 300 && machine.turn(); turns++);
    if (fiber.poll()._tag === 'Some') break
    await macrotask()
    if (machine.ready === 0 && !machine.clock.fireNext()) break
  }
  if (fiber.poll()._tag === 'None') {
    fiber.interruptNowait()
    for (let rounds = 0; rounds < 5; rounds++) {
      for (let turns = 0; turns < 300 && machine.turn(); turns++);
      await macrotask()
    }
  }
  const exit = fiber.poll()
  if (exit._tag === 'Some' && exit.value._tag === 'Right') close(exit.value.right)
  const own = exit._tag === 'Some' && exit.value._tag === 'Left' ? defectsOf(exit.value.left) : []
  return [...own, ...machine.reports.flatMap(defectsOf)]
}

/** What a wrong input has made nevertheless leaves nothing behind. */
function close(value: unknown): void {
  if (value instanceof Resource) value.close()
}

const isFiber = (value: unknown): value is Fiber<unknown, unknown> =>
  typeof (value as Partial<Fiber<unknown, unknown>> | null | undefined)?.interruptNowait === 'function'

/** Of what a call has given: whatever died of it. */
async function defectsIn(result: unknown): Promise<ReadonlyArray<unknown>> {
  if (isTask(result)) return run(result)
  if (isFiber(result)) {
    for (let rounds = 0; rounds < 3; rounds++) await macrotask()
    const exit = result.poll()
    result.interruptNowait()
    return exit._tag === 'Some' && exit.value._tag === 'Left' ? defectsOf(exit.value.left) : []
  }
  if (result instanceof Promise) {
    const soon = async () => {
      for (let turns = 0; turns < 20; turns++) await macrotask()
    }
    const exit = (await Promise.race([result, soon()])) as Exit.Exit<unknown, unknown> | undefined
    return exit?._tag === 'Left' && 'reasons' in (exit.left as object) ? defectsOf(exit.left) : []
  }
  close(result)
  return []
}

export interface Outcome {
  /** Whether there was no error at all. */
  readonly isFine: boolean
  /** What is wrong with the errors. */
  readonly faults: ReadonlyArray<string>
}

/** What comes of `call`. An error has to name the function by `name`. */
export async function outcomeOf(call: () => unknown, name: RegExp): Promise<Outcome> {
  let defects: ReadonlyArray<unknown>
  try {
    defects = await defectsIn(call())
  } catch (thrown) {
    defects = [thrown]
  }
  return { isFine: defects.length === 0, faults: defects.flatMap((defect) => faultOf(defect, name) ?? []) }
}
