/** The data of a busy program: fiber spans, failures, queues and a deep tree, the same on each run. */
import type { Failure, FiberOutcome, InspectorState, Life, Row, View } from '../../src/inspect/protocol.js'
import { row, state, treeOf } from './fake-program.js'

const names = ['reader', 'parser', 'writer', 'upload of a chunk', 'retry', undefined]

/** A number from 0 to 1 that only looks like chance. */
const chance = (n: number): number => {
  const x = Math.sin(n * 12.9898) * 43758.5453
  return x - Math.floor(x)
}

const outcomeOf = (n: number): FiberOutcome => {
  const part = chance(n * 3)
  return part < 0.9 ? 'succeeded' : part < 0.94 ? 'interrupted' : part < 0.98 ? 'failed' : 'died'
}

/** Ended within the last minute before `at`. */
export const lives = (count: number, at: number): ReadonlyArray<Life> =>
  Array.from({ length: count }, (_, n) => {
    const to = at - 60_000 + (60_000 * (n + 1)) / count
    const name = names[n % names.length]
    return {
      number: n + 1,
      fiber: 100_000 + n,
      name,
      from: to - 200 - 6000 * chance(n) ** 3,
      to,
      outcome: outcomeOf(n)
    }
  })

export const failures = (count: number, at: number): ReadonlyArray<Failure> =>
  Array.from({ length: count }, (_, n) => ({
    number: n + 1,
    at: at - (count - n) * 1700,
    fiber: 200_000 + n,
    name: names[n % names.length],
    outcome: n % 4 === 3 ? 'died' : 'failed',
    text:
      n % 4 === 3
        ? `TypeError: Cannot read properties of undefined (reading 'size')\n    at hash (file:///srv/app/hash.js:${n}:17)\n    at run (file:///srv/app/run.js:80:3)`
        : `NotFound { path: '/data/${n}.json' }\n    in read\n    in worker ${n}`
  }))

/** Pools of workers below a group each. */
export const rows = (count: number): ReadonlyArray<Row> =>
  Array.from({ length: count }, (_, n) => {
    const place = n % 500
    const above = n - place
    if (place === 0)
      return row(`g${n}`, {
        kind: 'group',
        name: `pool ${n / 500}`,
        state: 'open',
        on: undefined,
        place: n / 500 + 1,
        siblings: Math.ceil(count / 500),
        below: Math.min(499, count - n - 1),
        canOpen: true,
        isOpen: true
      })
    const isRunning = n % 97 === 1
    return row(`f${n}`, {
      depth: 1,
      place,
      siblings: 499,
      above,
      state: isRunning ? 'running' : n % 31 === 1 ? 'ready' : 'waiting',
      on: isRunning || n % 31 === 1 ? undefined : ['queue get', 'sleep', 'semaphore', 'a promise'][n % 4],
      path: n % 3 === 0 ? ['read', 'with retries'] : [],
      age: 40 + 100_000 * chance(n)
    })
  })

const perSecond = Array.from({ length: 60 }, (_, second) => Math.floor(20 * chance(second)))

export const crowd = (tree: ReadonlyArray<Row>, lifeCount: number, at: number = Date.now()) => {
  const ended = lives(lifeCount, at)
  const failed = failures(60, at)
  const living = Array.from({ length: 40 }, (_, n) => ({
    number: n + 1,
    fiber: n + 1,
    name: 'worker',
    from: at - 90_000 * chance(n + 1),
    to: undefined,
    outcome: undefined
  }))
  return (view: View): InspectorState =>
    state({
      at,
      totals: {
        fibers: { running: 12, ready: 31, waiting: tree.length - 43 },
        groups: 100,
        queues: 3,
        ended: { succeeded: 123_456, failed: 45, died: 15, interrupted: 302 }
      },
      rates: {
        from: at - 60_000,
        started: perSecond.map((n) => n + 45),
        ended: {
          succeeded: perSecond.map((n) => n + 40),
          failed: perSecond.map((n) => n % 4),
          died: perSecond.map((n) => Number(n % 5 === 0)),
          interrupted: perSecond.map((n) => n % 3)
        },
        items: perSecond.map((n) => n * 20)
      },
      tree: treeOf(tree, view),
      queues: {
        total: 3,
        rows: [
          {
            id: 1,
            name: 'paths',
            size: 8,
            maxsize: 8,
            isClosed: false,
            waitingGets: 0,
            waitingPuts: 3,
            rate: 1234.5
          },
          {
            id: 2,
            name: 'digests',
            size: 3,
            maxsize: 64,
            isClosed: false,
            waitingGets: 0,
            waitingPuts: 0,
            rate: 0.4
          },
          {
            id: 3,
            name: undefined,
            size: 12,
            maxsize: 0,
            isClosed: true,
            waitingGets: 2,
            waitingPuts: 0,
            rate: 0
          }
        ]
      },
      failures: failed.filter(({ number }) => number > view.failuresAfter),
      lives: { ended: ended.filter(({ number }) => number > view.livesAfter), living, left: 0, livingLeft: 0 }
    })
}
