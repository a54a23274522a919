/** A loop and the heap that it keeps: measured after garbage collection, several times on the way. */
import { Cause, type Exit, runTaskExit } from 'aio-ts'
import { runTest } from 'aio-ts/testing'
import type { Loop } from './loops.js'

/** More than so many bytes an iteration, kept, are a leak: the smallest thing there is takes 12. */
const leastLeak = 4

/** Whatever has come to rest moves by so much: compiled code, caches, stacks. */
const noise = 256 * 1024

/** The same where a loop is over before all of it is compiled: then it only shows that it works. */
const noiseOfFew = 2 * 1024 * 1024
const few = 100_000

/** `runTest` remembers the first 10,000 fibers by their numbers. */
const noiseOnVirtualTime = 6 * 1024 * 1024

const measures = 8

export interface Flatness {
  readonly iterations: number
  /** Bytes by which the heap was larger in the end than after the first eighth. */
  readonly growth: number
  readonly isFlat: boolean
}

/** Node's own, with `--expose-gc`. */
function collect(): void {
  const { gc } = globalThis
  if (gc === undefined) throw new Error('started without --expose-gc: the heap cannot be measured')
  gc()
}

/** `growth` is the least by which any of the later measures lies above an earlier one for good. */
export async function measureLoop(
  { run, isTimed = false, keeps = 0 }: Loop,
  iterations: number
): Promise<Flatness> {
  const heap: Array<number> = []
  const every = Math.max(1, Math.floor(iterations / measures))
  let count = 0
  const tick = (): void => {
    if (++count % every !== 0) return
    collect()
    heap.push(process.memoryUsage().heapUsed)
  }
  const task = run(iterations, tick)
  const exit: Exit.Exit<unknown, unknown> = isTimed
    ? (await runTest(task, { yieldEvery: 2048, maxSteps: Number.MAX_SAFE_INTEGER })).exit
    : await runTaskExit(task)
  if (exit._tag === 'Left') throw new Error(Cause.pretty(exit.left))
  if (count !== iterations) throw new Error(`it went around ${count} times, not ${iterations}`)
  // The first measures are those of code that is being compiled.
  const early = Math.min(...heap.slice(1, 4))
  const late = Math.min(...heap.slice(-3))
  const growth = late - early
  const moves = isTimed ? noiseOnVirtualTime : iterations < few ? noiseOfFew : noise
  return {
    iterations,
    growth,
    isFlat: growth < moves + (leastLeak / 2 + keeps) * iterations
  }
}
