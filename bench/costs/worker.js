/**
 * Measures one operation, in a process of its own: `node [flags] worker.js NAME ns|bytes ROUNDS`.
 *
 * Time is the processor's, the lower quartile of the rounds, with the host's usual collections. Bytes are what the young space has grown by
 * during a loop that is too short for a collection; they need `--expose-gc` and a large young space, in which time would be that of the
 * system, which hands out its pages.
 */
import { operations } from './operations.js'

const [, , name = '', metric = 'ns', rounds = '40'] = process.argv
const operation = operations[name]
if (operation === undefined) throw new Error(`There is no operation ${name}`)

/** Long enough for the optimizing compiler, short enough for the young space. */
const count = 20_000

const time = async () => {
  const before = process.cpuUsage()
  await operation(count)
  const { user, system } = process.cpuUsage(before)
  return (user + system) * 1000
}

const growth = async () => {
  gc?.()
  const before = process.memoryUsage().heapUsed
  await operation(count)
  return process.memoryUsage().heapUsed - before
}

const measure = metric === 'ns' ? time : growth
for (let round = 0; round < Number(rounds); round++) await measure()
/** @type {Array<number>} */
const figures = []
for (let round = 0; round < Number(rounds); round++) figures.push((await measure()) / count)
figures.sort((a, b) => a - b)
console.log(figures[Math.floor(figures.length / 4)])
process.exit(0)
