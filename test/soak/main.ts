/**
 * What `npm run soak` starts, on the built package: the loops, with measurements of the heap, then the model test on fresh seeds.
 *
 * Its one argument is JSON. Ends at the first failure with code 1; if it is told to stop, after the current seed or loop, with code 0
 * for what it has done so far.
 */
import { checkSeed } from '../model/seed.js'
import { type Flatness, measureLoop } from './heap.js'
import { type Loop, loops } from './loops.js'

interface Orders {
  readonly only: 'model' | 'loops' | undefined
  readonly seed: number
  /** So many seeds, or as many as there are in so many minutes. */
  readonly seeds: number | undefined
  readonly minutes: number
  readonly iterations: number
  /** Left out: a program that breaks an invariant is made smaller. */
  readonly isShrunk?: boolean
}

const orders: Orders = JSON.parse(process.argv[2] ?? '{}')

let isStopped = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    isStopped = true
  })
}

const isTerminal = process.stderr.isTTY === true

/** On a terminal a line that changes. */
const progress = (text: string): void => {
  process.stderr.write(isTerminal ? `\r\x1b[2K${text}` : `${text}\n`)
}

const endProgress = (): void => {
  if (isTerminal) process.stderr.write('\r\x1b[2K')
}

const kib = (bytes: number): string => `${Math.round(bytes / 1024)} KiB`

const describe = (name: string, { iterations, growth }: Flatness, seconds: number): string =>
  `${name.padEnd(32)} ${String(iterations).padStart(9)} iterations  ${kib(growth).padStart(9)} more heap  ${seconds.toFixed(1)} s`

async function runLoop(loop: Loop): Promise<void> {
  const { name } = loop
  const begun = performance.now()
  const found = await measureLoop(loop, orders.iterations).catch((error) => {
    throw new Error(`${name}: ${error instanceof Error ? error.message : error}`)
  })
  endProgress()
  console.log(describe(name, found, (performance.now() - begun) / 1000))
  if (found.isFlat) return
  throw new Error(
    `${name}: the heap grows: ${kib(found.growth)} in ${found.iterations} iterations\n\n` +
      `The same again: npm run soak -- --only loops --iterations ${found.iterations}`
  )
}

async function runLoops(): Promise<void> {
  for (const [index, loop] of loops.entries()) {
    if (isStopped) return
    if (isTerminal) progress(`${index + 1} of ${loops.length} loops: ${loop.name}`)
    await runLoop(loop)
  }
}

/** A line is told so often. */
const progressMs = isTerminal ? 500 : 30_000

async function runModel(): Promise<void> {
  const { seed: first, seeds, minutes } = orders
  const begun = performance.now()
  const limitMs = minutes * 60_000
  let last = begun
  let done = 0
  const isOver = (): boolean => (seeds === undefined ? performance.now() - begun >= limitMs : done >= seeds)
  const tell = (): string => {
    const seconds = (performance.now() - begun) / 1000
    return `model: ${done} seeds from ${first} on, ${seconds.toFixed(0)} s, ${(done / seconds).toFixed(0)} a second`
  }
  while (!isStopped && !isOver()) {
    await checkSeed(first + done, orders.isShrunk ?? true)
    done++
    if (performance.now() - last >= progressMs) {
      last = performance.now()
      progress(tell())
    }
    // Nothing in a run waits for the event loop, and a signal is heard there.
    if (done % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  endProgress()
  console.log(`${tell()}: no invariant broken`)
}

async function main(): Promise<number> {
  try {
    if (orders.only !== 'model') await runLoops()
    if (orders.only !== 'loops') await runModel()
    if (isStopped) console.log('Stopped before the end: nothing had failed.')
    return 0
  } catch (error) {
    endProgress()
    console.error(error instanceof Error ? error.message : error)
    return 1
  }
}

process.exitCode = await main()
