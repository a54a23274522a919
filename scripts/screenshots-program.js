/**
 * A program to be looked at in the inspector, for its pictures: 50,000 sessions that wait, orders that go through two queues, and calls
 * that fail now and then. Prints the address of its inspector and runs until it is stopped.
 */
import { Group, Queue, Task } from 'aio-ts'
import { inspect } from 'aio-ts/inspect'
import { runMain } from 'aio-ts/node'
import { pipe } from 'fp-ts/lib/function.js'

class OutOfStock {
  _tag = /** @type {const} */ ('OutOfStock')
  /** @param {number} article */
  constructor(article) {
    this.article = article
  }
}

/** The same picture each time: numbers that only look like chance. */
let seed = 7
const chance = () => {
  seed = (seed * 48271) % 2147483647
  return seed / 2147483647
}

/** @param {number} ms */
const pause = (ms) => Task.sleep(Math.round(ms))

/** @type {Group<unknown>} */
const sessions = new Group({ name: 'sessions', onFailure: () => {} })
/** @type {Group<unknown>} */
const shop = new Group({ name: 'shop', onFailure: () => {} })
/** @type {Queue<number>} */
const orders = new Queue(64, { name: 'orders' })
/** @type {Queue<number>} */
const parcels = new Queue(8, { name: 'parcels' })
/** @type {Queue<string>} */
const news = new Queue(0, { name: 'news' })

/** @type {Record<string, { readonly price: number } | undefined>} */
const prices = { book: { price: 12 }, pen: { price: 2 } }

const lookUp = pipe(
  Task.suspend(() => pause(40 + 900 * chance() ** 3)),
  Task.flatMap(() => {
    const luck = chance()
    if (luck < 0.03) return Task.fail(new OutOfStock(Math.floor(chance() * 900)))
    if (luck < 0.04) return Task.sync(() => Object(prices.lamp).price.toFixed(2))
    return luck < 0.08 ? Task.interrupt : Task.succeed(1)
  }),
  Task.named('look up the price')
)

const customer = Task.gen(function* () {
  for (let order = 1; ; order++) {
    yield* orders.put(order)
    yield* news.put(`order ${order}`)
    yield* pause(60 * chance())
  }
})

const clerk = pipe(
  orders.get(),
  Task.flatMap((order) =>
    pipe(
      shop.spawn(lookUp, { name: `price of order ${order}` }),
      Task.flatMap(() => pause(50 + 300 * chance())),
      Task.flatMap(() => parcels.put(order))
    )
  ),
  Task.forever,
  Task.named('serve')
)

const carrier = pipe(
  parcels.get(),
  Task.flatMap(() => pause(60 + 60 * chance())),
  Task.forever
)

const main = Task.gen(function* () {
  const inspector = yield* inspect({ title: 'web shop' })
  for (let n = 0; n < 50_000; n++)
    yield* sessions.spawn(pipe(news.get(), Task.forever, Task.named('listen')), { name: `session ${n}` })
  for (const name of ['Ada', 'Grace', 'Barbara', 'Frances'])
    yield* shop.spawn(customer, { name: `customer ${name}` })
  for (let n = 1; n <= 12; n++) yield* shop.spawn(clerk, { name: `clerk ${n}` })
  for (let n = 1; n <= 2; n++) yield* shop.spawn(carrier, { name: `carrier ${n}` })
  console.log(inspector.url)
  yield* Task.never
})

runMain(main)
