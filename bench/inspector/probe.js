/**
 * What an inspector costs the program that it looks at: the same program, with 10,000 fibers alive that end and are followed by others,
 * without an inspector, with one that nobody looks at, and with a page that asks twice a second. One process, in turns of about half a
 * second, so that all three meet the same moods of the machine; what counts is the processor's time over all turns, since a turn may
 * see an answer or none. And how long an answer takes. Prints JSON.
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Deferred, Queue, runFork, runTask, Task } from 'aio-ts'
import { inspect } from 'aio-ts/inspect'
import { median } from '../statistics.js'

const isQuick = process.argv[2] === 'quick'
const alive = 10_000
const rounds = isQuick ? 1 : 40

const order = JSON.stringify({
  id: 'o-1182',
  lines: Array.from({ length: 60 }, (_, index) => ({
    article: `a-${index}`,
    count: index,
    price: index * 1.25
  }))
})
const total = () =>
  JSON.parse(order).lines.reduce(
    (/** @type {number} */ sum, /** @type {{ count: number, price: number }} */ line) =>
      sum + line.count * line.price,
    0
  )

/** Each life waits twice, and at its end another one begins. @param {number} lives @param {boolean} isWorking */
const program = (lives, isWorking) =>
  Task.withGroup(
    (group) =>
      Task.gen(function* () {
        const orders = yield* Queue.make(0, { name: 'orders' })
        /** @type {Deferred<never, void>} */
        const over = new Deferred()
        let left = lives
        let living = alive
        /** @type {Task.Task<never, unknown>} */
        const next = Task.suspend(() => {
          if (left-- > 0) return Task.orDie(group.spawn(life, { name: 'handler' }))
          if (--living === 0) over.succeed(undefined)
          return Task.unit
        })
        const idle = Task.flatMap(() => Task.flatMap(() => next)(Task.yieldNow))(Task.yieldNow)
        const busy = Task.flatMap(() =>
          Task.flatMap(() => {
            total()
            return Task.flatMap(() => next)(Task.yieldNow)
          })(Task.orDie(orders.get()))
        )(Task.suspend(() => Task.orDie(orders.put(1))))
        const life = isWorking ? busy : idle
        for (let fiber = 0; fiber < alive; fiber++) yield* group.spawn(life, { name: 'handler' })
        yield* over.wait()
      }),
    { name: 'shop' }
  )

const poller = spawn(process.execPath, [fileURLToPath(new URL('./poll.js', import.meta.url))], {
  stdio: ['pipe', 'inherit', 'inherit']
})

/** Microseconds of the processor a life. @param {number} lives @param {boolean} isWorking */
const time = async (lives, isWorking) => {
  const begun = process.cpuUsage()
  await runTask(program(lives, isWorking))
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / (lives + alive)
}

const opened = async () => {
  const result = await runTask(inspect())
  if (result._tag === 'Left') throw result.left
  return result.right
}

/** @typedef {(run: () => Promise<number>) => Promise<number>} Mode */

/** @type {Readonly<Record<string, Mode>>} */
const modes = {
  without: (run) => run(),
  unseen: async (run) => {
    const inspector = await opened()
    const us = await run()
    await runTask(inspector.asyncClose())
    return us
  },
  seen: async (run) => {
    const inspector = await opened()
    poller.stdin.write(`${inspector.url}\n`)
    const us = await run()
    await runTask(inspector.asyncClose())
    return us
  }
}

/** @param {string} name @param {number} lives @param {boolean} isWorking */
const compare = async (name, lives, isWorking) => {
  const many = isQuick ? Math.ceil(lives / 10) : lives
  const run = () => time(many, isWorking)
  const names = Object.keys(modes)
  /** @type {Record<string, Array<number>>} */
  const figures = Object.fromEntries(names.map((mode) => [mode, []]))
  for (const mode of names) await modes[mode]?.(run)
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < names.length; index++) {
      const mode = names[(index + round) % names.length] ?? ''
      figures[mode]?.push((await modes[mode]?.(run)) ?? Number.NaN)
    }
  }
  const { without = [], unseen = [], seen = [] } = figures
  const sum = (/** @type {ReadonlyArray<number>} */ us) => us.reduce((before, one) => before + one, 0)
  return {
    name,
    without: median(without),
    unseen: sum(unseen) / sum(without),
    seen: sum(seen) / sum(without)
  }
}

/** How long an answer takes, and how large it is, where so many fibers live. @param {number} fibers */
const answer = async (fibers) => {
  const inspector = await opened()
  const living = runFork(
    Task.withGroup(
      (group) =>
        Task.gen(function* () {
          for (let fiber = 0; fiber < fibers; fiber++)
            yield* group.spawn(Task.sleep(3_600_000), { name: 'handler' })
        }),
      { name: 'shop', whenDone: 'wait' }
    )
  )
  await new Promise((resolve) => setTimeout(resolve, 500))
  const times = []
  let bytes = 0
  for (let round = 0; round < 15; round++) {
    // Later than an answer is kept for others who ask.
    await new Promise((resolve) => setTimeout(resolve, 120))
    const begun = process.cpuUsage()
    const text = await (await fetch(`${inspector.url}state?from=0&rows=60&livesAfter=1000000`)).text()
    const { user, system } = process.cpuUsage(begun)
    times.push((user + system) / 1000)
    bytes = text.length
  }
  await runTask(living.interrupt())
  await runTask(inspector.asyncClose())
  return { fibers, ms: median(times), bytes }
}

const costs = [
  await compare('handlers that take an order from a queue and read it', 20_000, true),
  await compare('fibers that wait twice and do nothing else', 400_000, false)
]
const answers = [await answer(10_000), await answer(50_000)]
poller.stdin.end('end\n')
console.log(JSON.stringify({ costs, answers }))
process.exit()
