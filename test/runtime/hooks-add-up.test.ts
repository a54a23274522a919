/** The events of hooks are consistent: each fiber starts and ends once and in order, each item is put and taken once. */
import { afterEach, expect, test } from 'vitest'
import { addHooks, type Fiber, type Hooks, Queue, Task } from '../../src/index.js'
import { randomFrom } from '../../src/testing/run/random.js'
import { Machine } from '../support/machine.js'

let remove = (): void => undefined
afterEach(() => remove())

/** Notes what is out of order. */
function makeAccounts() {
  const lives = new Map<number, 'has its turn' | 'has none'>()
  const wrong: Array<string> = []
  const sums = { put: 0, taken: 0 }
  const expectLife = (id: number, event: string, state: 'has its turn' | 'has none' | undefined) => {
    if (lives.get(id) !== state) wrong.push(`${event} of #${id}, which ${lives.get(id) ?? 'is unknown'}`)
  }
  const hooks: Hooks = {
    fiberStarted: ({ id }) => {
      expectLife(id, 'start', undefined)
      lives.set(id, 'has none')
    },
    fiberResumed: ({ id }) => {
      expectLife(id, 'turn', 'has none')
      lives.set(id, 'has its turn')
    },
    fiberSuspended: ({ id }) => {
      expectLife(id, 'pause', 'has its turn')
      lives.set(id, 'has none')
    },
    fiberEnded: ({ id }) => {
      expectLife(id, 'end', 'has its turn')
      lives.delete(id)
    },
    queuePut: () => void sums.put++,
    queueTaken: () => void sums.taken++
  }
  return { hooks, lives, wrong, sums }
}

test.each(Array.from({ length: 100 }, (_, seed) => seed))(
  'the events of the seed %i are consistent',
  (seed) => {
    const next = randomFrom(seed, 0)
    const below = (count: number) => Math.floor(next() * count)
    const machine = new Machine({ pick: below, yieldEvery: 1 + below(3) })
    const { hooks, lives, wrong, sums } = makeAccounts()
    remove = addHooks(hooks)
    const queue = new Queue<number>(below(4))
    const fibers: Array<Fiber<unknown, unknown>> = []
    const fork = (task: Task.Task<unknown, unknown>): void => void fibers.push(machine.fork(task))
    const actions: ReadonlyArray<() => unknown> = [
      () => fork(queue.put(1)),
      () => fork(Task.all([queue.put(1), queue.put(2)])),
      () => fork(queue.get()),
      () => fork(queue.getUntilEmpty()),
      () => fork(queue.getAll(1 + below(3))),
      () => fork(Task.race(queue.get())(queue.put(3))),
      () => queue.putNowait(4),
      () => queue.getNowaitUntilEmpty(),
      () => fibers[below(fibers.length)]?.interruptNowait(),
      () => below(8) === 0 && queue.close(),
      () => machine.turn(),
      () => machine.turn()
    ]
    for (let step = 0; step < 60; step++) {
      actions[below(actions.length)]?.()
      expect(sums.put - sums.taken).toBe(queue.size)
    }
    queue.close()
    machine.run()
    expect({ wrong, alive: lives.size, inIt: sums.put - sums.taken }).toEqual({
      wrong: [],
      alive: 0,
      inIt: queue.size
    })
  }
)
