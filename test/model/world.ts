/** Everything that a program of the model works on, with books on who gave and took what, and the laws that the books obey. */
import {
  Cause,
  type Deferred,
  type Exit,
  type Fiber,
  type Group,
  type Latch,
  type Queue,
  type Semaphore,
  Task
} from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { rightOf } from './modes.js'
import type { Program } from './program.js'

export const plannedFailure = 'a planned failure'
export const plannedDefect = 'a planned defect'

/** Whoever goes through steps one after the other. Sides of a race are each their own. */
export interface Walker {
  readonly id: number
  readonly topLevel: number
  /** What it has acquired and not released, last at the end. */
  readonly held: Array<number>
}

/** How many stand in a line now, with what they ask for. */
type Line = Map<object, number>

export class World {
  root!: Group<unknown>
  shared!: Group<unknown>
  readonly fibers: Array<Fiber<unknown, unknown>> = []
  readonly spawned: Array<Fiber<unknown, unknown>> = []
  readonly broken: Array<string> = []
  ending = false

  private readonly put: Array<number> = []
  private readonly got: Array<number> = []
  private readonly producers = new Map<number, number>()
  private readonly lastSeen = new Map<string, number>()
  private readonly heard = new Map<number, number>()
  private walkers = 0
  private items = 0
  private acquired = 0
  private released = 0
  private permitsHeld = 0
  readonly lines = {
    get: new Map(),
    put: new Map(),
    permits: new Map(),
    latch: new Map(),
    deferred: new Map()
  } satisfies Record<string, Line>

  constructor(
    readonly program: Program,
    readonly queue: Queue<number>,
    readonly semaphore: Semaphore,
    readonly latch: Latch,
    readonly deferred: Deferred<never, void>
  ) {}

  readonly onFailure = (_cause: Cause.Cause<unknown>, fiber: Fiber<unknown, unknown>): void => {
    this.heard.set(fiber.id, (this.heard.get(fiber.id) ?? 0) + 1)
  }

  must(holds: boolean, law: string): void {
    if (!holds) this.broken.push(law)
  }

  walker(topLevel: number): Walker {
    return { id: this.walkers++, topLevel, held: [] }
  }

  newItem(by: Walker): number {
    const item = this.items++
    this.producers.set(item, by.id)
    return item
  }

  gave(item: number): void {
    this.put.push(item)
    this.withinCapacity()
  }

  /** Items of one producer reach one consumer in the order they were put. */
  took(by: Walker, items: ReadonlyArray<number>): void {
    for (const item of items) {
      this.got.push(item)
      const way = `${this.producers.get(item)} to ${by.id}`
      this.must((this.lastSeen.get(way) ?? -1) < item, `17: item ${item} overtaken on its way from ${way}`)
      this.lastSeen.set(way, item)
    }
    this.withinCapacity()
  }

  private withinCapacity(): void {
    const { size, maxsize } = this.queue
    this.must(maxsize <= 0 || size <= maxsize, `17: ${size} items in a queue of ${maxsize}`)
  }

  /** Counts its runner as standing in the line while `wait` runs. */
  standing<E, A>(line: Line, asking: number, wait: Task.Task<E, A>): Task.Task<E, A> {
    return Task.suspend(() => {
      const place = {}
      return pipe(
        Task.suspend(() => {
          line.set(place, asking)
          return wait
        }),
        Task.onExit(() => {
          line.delete(place)
          return Task.unit
        })
      )
    })
  }

  acquire(by: Walker): number {
    const id = this.acquired++
    by.held.push(id)
    return id
  }

  release(by: Walker, id: number): void {
    this.released++
    this.must(by.held.pop() === id, `8: ${id} released out of order`)
  }

  /** Between taking and giving back of permits, within the semaphore's own. */
  holding<E, A>(permits: number, body: Task.Task<E, A>): Task.Task<E, A> {
    return Task.bracket(
      Task.sync(() => {
        this.permitsHeld += permits
        const { available } = this.semaphore
        this.must(this.permitsHeld + available <= this.program.permits, '20: more permits than there are')
      }),
      () => body,
      () =>
        Task.sync(() => {
          this.permitsHeld -= permits
        })
    )
  }

  /** Nobody can go on by himself: whoever waits does so for what is not there. */
  checkAtRest(): void {
    const { queue, lines, semaphore } = this
    this.must(
      queue.isEmpty || lines.get.size === 0,
      `18: ${lines.get.size} wait for one of ${queue.size} items`
    )
    this.must(queue.isFull || lines.put.size === 0, `18: ${lines.put.size} wait for room that is there`)
    this.must(
      !queue.isClosed || lines.get.size + lines.put.size === 0,
      '19: somebody waits at a closed queue'
    )
    this.must(!this.latch.isOpen || lines.latch.size === 0, 'somebody waits at an open latch')
    this.must(
      this.permitsHeld + semaphore.available === this.program.permits,
      '20: permits are missing at rest'
    )
    const asked = [...lines.permits.values()]
    this.must(
      asked.length === 0 || Math.max(...asked) > semaphore.available,
      `21: waiting for ${asked} of ${semaphore.available} permits`
    )
  }

  checkAtEnd(): void {
    for (const group of [this.root, this.shared]) {
      this.must(group.isClosed && group.size === 0, `11: closed with ${group.size} fibers`)
    }
    const inside: Array<number> = []
    while (!this.queue.isEmpty) inside.push(rightOf(this.queue.getNowait()))
    const sorted = (items: ReadonlyArray<number>) => [...items].sort((a, b) => a - b).join()
    this.must(
      sorted(this.put) === sorted([...this.got, ...inside]),
      `15: put ${sorted(this.put)}, got ${sorted(this.got)}, inside ${sorted(inside)}`
    )
    this.must(this.acquired === this.released, `8: ${this.acquired} acquired, ${this.released} released`)
    this.must(this.semaphore.available === this.program.permits, '20: permits are missing at the end')
    this.must(this.permitsHeld === 0, '20: permits are held at the end')
    for (const [name, line] of Object.entries(this.lines))
      this.must(line.size === 0, `24: left waiting: ${name}`)
    for (const fiber of [...this.fibers, ...this.spawned]) this.checkEnded(fiber)
  }

  private checkEnded(fiber: Fiber<unknown, unknown>): void {
    const ended = fiber.poll()
    if (ended._tag === 'None') {
      this.broken.push(`11: fiber ${fiber.id} is ${fiber.status()._tag}`)
      return
    }
    this.must(fiber.status()._tag === 'Done', `1: an ended fiber says ${fiber.status()._tag}`)
    this.checkReasons(ended.value, `fiber ${fiber.id}`)
    const heard = this.heard.get(fiber.id) ?? 0
    const expected = isTold(ended.value) ? 1 : 0
    this.must(heard === expected, `22: onFailure heard ${heard} times, not ${expected}, of fiber ${fiber.id}`)
  }

  /** Failures, defects and interruptions never become one another. */
  checkReasons(exit: Exit.Exit<unknown, unknown>, whose: string): void {
    if (exit._tag === 'Right') return
    for (const reason of exit.left.reasons) {
      const planned =
        reason._tag === 'Interrupt' ||
        (reason._tag === 'Fail' ? reason.error === plannedFailure : reason.defect === plannedDefect)
      this.must(planned, `7: ${whose} ended with ${Cause.pretty(exit.left)}`)
    }
  }
}

/**
 * Something went wrong. What an interruption carries is told of where it is a defect; a failure that it came in before somebody
 * could deal with is not.
 */
const isTold = (exit: Exit.Exit<unknown, unknown>, carried = false): boolean =>
  exit._tag === 'Left' &&
  exit.left.reasons.some((reason) =>
    reason._tag === 'Interrupt'
      ? reason.result._tag === 'Some' && isTold(reason.result.value, true)
      : reason._tag === 'Die' || !carried
  )
