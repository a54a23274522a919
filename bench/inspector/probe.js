/**
 * What an inspector costs the program that it looks at: the same program, with 10,000 fibers alive that end and are followed by others,
 * without an inspector, with one that nobody looks at, and with one that is asked once for what its page shows. One process, in many
 * short turns, so that all three meet the same moods of the machine; what counts is the processor's time of the quietest turns. Out of
 * what one answer costs, and how often the page asks, follows what a page costs that looks. And how long an answer takes. Prints JSON.
 */
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Deferred, Queue, runFork, runTask, Task } from 'aio-ts'
import { inspect } from 'aio-ts/inspect'
import { median, quiet, rotated } from '../statistics.js'

const isQuick = process.argv[2] === 'quick'
const alive = 10_000
const rounds = isQuick ? 4 : 24

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
  stdio: ['pipe', 'pipe', 'inherit']
})
const answers = createInterface({ input: poller.stdout })[Symbol.asyncIterator]()

/** Asks as the page does; gives how many milliseconds the page would then wait. @param {string} url */
const ask = async (url) => {
  poller.stdin.write(`${url}\n`)
  return Number((await answers.next()).value)
}

/** Microseconds of the processor a life. @param {number} lives @param {boolean} isWorking */
const time = async (lives, isWorking) => {
  const begun = process.cpuUsage()
  await runTask(program(lives, isWorking))
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / (lives + alive)
}

/** @type {Array<unknown>} Those that are closed, too: V8 forgets what it has compiled for a class once no object of it is left. */
const known = []

const opened = async () => {
  const result = await runTask(inspect())
  if (result._tag === 'Left') throw result.left
  known.push(result.right)
  return result.right
}

/** @param {string} name @param {number} lives @param {boolean} isWorking */
const compare = async (name, lives, isWorking) => {
  const fibers = alive + (isQuick ? 0 : lives)
  const run = () => time(fibers - alive, isWorking)
  /** @type {Array<number>} */
  const waits = []
  /** @param {boolean} isAsked @returns {Promise<number>} */
  const inspected = async (isAsked) => {
    const inspector = await opened()
    // What opening has left behind is not counted.
    await time(0, isWorking)
    const ran = run()
    if (isAsked) {
      // By then all fibers live.
      await new Promise((resolve) => setTimeout(resolve, 60))
      waits.push(await ask(inspector.url))
    }
    const us = await ran
    await runTask(inspector.asyncClose())
    return us
  }
  const alone = async () => {
    await time(0, isWorking)
    return run()
  }
  const modes = [alone, () => inspected(false), () => inspected(true)]
  for (const mode of modes) await mode()
  /** @type {ReadonlyArray<Array<number>>} */
  const figures = modes.map(() => [])
  for (let round = 0; round < rounds; round++) {
    for (const index of rotated([0, 1, 2], round))
      figures[index]?.push((await modes[index]?.()) ?? Number.NaN)
  }
  const [without = 0, unseen = 0, asked = 0] = figures.map(quiet)
  const answerMs = ((asked - unseen) * fibers) / 1000
  const betweenMs = median(waits)
  return {
    name,
    without,
    unseen: unseen / without,
    answerMs,
    betweenMs,
    // What is left to the program of the processor's time.
    seen: unseen / without / (1 - answerMs / betweenMs)
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
  await compare('handlers that take an order from a queue and read it', 2_000, true),
  await compare('fibers that wait twice and do nothing else', 140_000, false)
]
const times = [await answer(10_000), await answer(50_000)]
poller.stdin.end('\n')
console.log(JSON.stringify({ costs, answers: times }))
process.exit()
