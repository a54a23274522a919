/**
 * Everything that a program of the model works on, with books on who gave and took what, and the invariants that the books obey.
 * Each invariant has the number that model.test.ts lists it under.
 */
import {
  Cause,
  type Deferred,
  dump,
  type Exit,
  type Fiber,
  type Group,
  type Latch,
  type Queue,
  QueueClosedError,
  type Semaphore,
  Task,
  TimeoutError
} from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { contextOfNow } from './contexts.js'
import { Line, type Place } from './line.js'
import { Owner } from './owner.js'
import type { Act, Program } from './program.js'

export const plannedFailure = 'a planned failure'
export const plannedDefect = 'a planned defect'

/**
 * What may go wrong as planned, or because somebody could not recover: from a time-out with a defect behind it, from a queue closed in
 * the moment of being stopped.
 */
export const isPlannedError = (error: unknown): boolean =>
  error === plannedFailure || error instanceof TimeoutError || error instanceof QueueClosedError

/** Whoever goes through steps one after the other. Sides of a race are each their own. */
export interface Walker {
  readonly id: number
  /** Joins only those before it, so that no circle of joins can be. */
  readonly topLevel: number
  readonly owner: Owner
  /** The name of its async context. */
  readonly context: string
  /** Whether two go through the same steps at once, so that there is no order among what they do. */
  readonly isDouble: boolean
  /** What it has acquired and not released, last at the end. */
  readonly held: Array<number>
}

const stateOf = (group: Group<never>): number => (group.isClosed ? 2 : group.isClosing ? 1 : 0)

export class World {
  root!: Group<unknown>
  shared!: Group<unknown>
  readonly fibers: Array<Fiber<unknown, unknown>> = []
  readonly owners = new Map<Fiber<unknown, unknown>, Owner>()
  readonly broken: Array<string> = []
  /** The ids of fibers of which the reporter must have been told, since no handler of their group was. */
  readonly reported = new Set<number>()
  /** What happened, in order: the same for the same seed. Without fibers' ids, which are not. */
  readonly log: Array<string> = []
  ending = false
  /** Who was taken into the shared group. */
  readonly inShared: Array<readonly [Fiber<unknown, unknown>, Owner]> = []
  /** Subgroups that were closed. */
  readonly closedNames: Array<string> = []
  /** Those whom somebody else has started and waits for now. */
  readonly attended = new Set<Owner>()

  private readonly put: Array<number> = []
  private readonly got: Array<number> = []
  private readonly producers = new Map<number, number>()
  private readonly lastSeen = new Map<string, number>()
  private readonly heard = new Map<number, number>()
  private readonly states = new Map<Group<never>, number>()
  private numbers = 0
  private items = 0
  private acquired = 0
  private released = 0
  private permitsHeld = 0
  readonly lines = {
    get: new Line('Queue.get'),
    put: new Line('Queue.put'),
    permits: new Line('Semaphore'),
    latch: new Line('Latch'),
    deferred: new Line('Deferred')
  }
  /** Those who wait for the shared group to be closed. */
  closers = 0

  constructor(
    readonly program: Program,
    readonly queue: Queue<number>,
    readonly semaphore: Semaphore,
    readonly latch: Latch,
    readonly deferred: Deferred<never, void>
  ) {}

  must(holds: boolean, law: string): void {
    if (!holds) this.broken.push(law)
  }

  // ---- who takes part

  /** A fiber that nobody below it waits for. */
  newOwner(above?: Owner, isDouble = false): Owner {
    return new Owner(this.numbers++, above, isDouble)
  }

  walker(topLevel: number, owner: Owner, context: string, isDouble = false): Walker {
    return { id: this.numbers++, topLevel, owner, context, isDouble, held: [] }
  }

  /** One that `by` starts and waits for. */
  below(by: Walker): Walker {
    return this.walker(by.topLevel, this.newOwner(by.owner, by.isDouble), by.context, by.isDouble)
  }

  /** It is `by` who acts. */
  sees({ owner, context }: Walker): void {
    const now = contextOfNow()
    this.must(now === context, `26: ${owner.id} is in the async context ${now}, not ${context}`)
  }

  newName(): string {
    return `model subgroup ${this.numbers++};`
  }

  /** A new fiber. */
  started(fiber: Fiber<unknown, unknown>, owner: Owner): void {
    this.owners.set(fiber, owner)
  }

  strike(index: number): Fiber<unknown, unknown> | undefined {
    const victim = this.fibers[index]
    const owner = victim && this.owners.get(victim)
    if (victim === undefined || owner === undefined) return undefined
    this.log.push(`strike at ${owner.id}`)
    owner.strikes++
    return victim
  }

  readonly onFailure = (_cause: Cause.Cause<unknown>, fiber: Fiber<unknown, unknown>): void => {
    this.heard.set(fiber.id, (this.heard.get(fiber.id) ?? 0) + 1)
  }

  // ---- groups

  /** States come in order, whenever one looks. */
  seen(group: Group<never>, name: string): void {
    const now = stateOf(group)
    const before = this.states.get(group) ?? 0
    this.must(now >= before, `10: group ${name} went from state ${before} back to ${now}`)
    this.states.set(group, now)
  }

  look(): void {
    this.seen(this.root, 'root')
    this.seen(this.shared, 'shared')
    this.must(!this.root.isClosing || this.shared.isClosing, '10: a group is closing and one below it is not')
    this.must(!this.shared.isClosed || this.shared.size === 0, `11: closed with ${this.shared.size} fibers`)
    this.withinCapacity()
    const { available } = this.semaphore
    this.must(
      available >= 0 && this.permitsHeld + available <= this.program.permits,
      '20: permits out of nowhere'
    )
  }

  // ---- the queue

  newItem(by: Walker): number {
    const item = this.items++
    if (!by.isDouble) this.producers.set(item, by.id)
    return item
  }

  gave(item: number): void {
    this.log.push(`gave ${item}`)
    this.put.push(item)
    this.look()
  }

  /** Items of one producer reach one consumer in the order they were put. */
  took(by: Walker, items: ReadonlyArray<number>): void {
    this.log.push(`${by.id} took ${items}`)
    for (const item of items) {
      this.got.push(item)
      const producer = this.producers.get(item)
      if (producer === undefined || by.isDouble) continue
      const way = `${producer} to ${by.id}`
      const isInOrder = (this.lastSeen.get(way) ?? -1) < item
      this.must(isInOrder, `17: item ${item} overtaken on its way from ${way}`)
      this.lastSeen.set(way, item)
    }
    this.look()
  }

  private withinCapacity(): void {
    const { size, maxsize } = this.queue
    this.must(maxsize <= 0 || size <= maxsize, `17: ${size} items in a queue of ${maxsize}`)
  }

  /** Does something at once, and sees who was served by it. */
  act(by: Walker, what: Act): void {
    const { queue, lines } = this
    switch (what) {
      case 'put': {
        const waiting = lines.get.look()
        const item = this.newItem(by)
        const isPut = queue.putNowait(item)._tag === 'Right'
        const { served, overtaken } = lines.get.servedOf(waiting)
        if (isPut) this.gave(item)
        this.must(served <= (isPut ? 1 : 0), `17: one item served ${served}`)
        this.must(overtaken === 0, '17: an item went past the first who waited for it')
        return
      }
      case 'get': {
        const waiting = lines.put.look()
        const got = queue.getNowait()
        const { served, overtaken } = lines.put.servedOf(waiting)
        if (got._tag === 'Right') this.took(by, [got.right])
        const free = got._tag === 'Right' && waiting.length > 0 ? 1 : 0
        this.must(served === free, `17: room for ${free} served ${served}`)
        this.must(overtaken === 0, '17: room went past the first who waited for it')
        return
      }
      case 'open':
        this.latch.open()
        this.must(lines.latch.look().length === 0, '18: somebody waits at an open latch')
        return
      case 'succeed':
        this.deferred.succeed(undefined)
        this.must(lines.deferred.look().length === 0, '18: somebody waits for what is done')
        return
      case 'closeQueue':
        queue.close()
        this.must(
          lines.get.look().length + lines.put.look().length === 0,
          '19: somebody waits at a closed queue'
        )
        return
      case 'nothing':
    }
  }

  /** Counts its runner as standing in the line while `wait` runs, or until `leave` is called. */
  standing<E, A>(line: Line, asking: number, wait: (leave: () => void) => Task.Task<E, A>): Task.Task<E, A> {
    return pipe(
      Task.currentFiber,
      Task.flatMap((fiber) => {
        let place: Place | undefined
        const leave = () => {
          if (place !== undefined) line.remove(place)
        }
        const waiting = wait(leave)
        return pipe(
          Task.suspend(() => {
            place = line.add(fiber, asking)
            return waiting
          }),
          Task.onExit(() => Task.sync(leave))
        )
      })
    )
  }

  // ---- resources

  acquire(by: Walker): number {
    const id = this.acquired++
    by.held.push(id)
    by.owner.enter()
    this.log.push(`${by.id} acquired ${id}`)
    return id
  }

  release(by: Walker, id: number): void {
    this.released++
    by.owner.leave()
    this.log.push(`${by.id} released ${id}`)
    const place = by.held.lastIndexOf(id)
    this.must(place >= 0, `8: ${id} released twice`)
    this.must(by.isDouble || place === by.held.length - 1, `8: ${id} released out of order`)
    if (place >= 0) by.held.splice(place, 1)
    this.look()
  }

  /** Between taking and giving back of permits, within the semaphore's own. */
  holding<E, A>(permits: number, body: Task.Task<E, A>): Task.Task<E, A> {
    return Task.bracket(
      Task.sync(() => {
        this.permitsHeld += permits
        this.look()
      }),
      () => body,
      () =>
        Task.sync(() => {
          this.permitsHeld -= permits
        })
    )
  }

  // ---- the books are looked at

  /** Nobody can go on by himself: whoever waits does so for what is not there. */
  checkAtRest(): void {
    const { queue, lines, semaphore } = this
    this.look()
    const [getting, putting] = [lines.get.look().length, lines.put.look().length]
    for (const line of Object.values(lines)) {
      this.must(line.look().length === line.size, `18: at rest somebody in line for ${line.on} does not wait`)
    }
    this.must(queue.isEmpty || getting === 0, `18: ${getting} wait for one of ${queue.size} items`)
    this.must(queue.isFull || putting === 0, `18: ${putting} wait for room that is there`)
    this.must(!queue.isClosed || getting + putting === 0, '19: somebody waits at a closed queue')
    this.must(!this.latch.isOpen || lines.latch.size === 0, '18: somebody waits at an open latch')
    this.must(
      this.permitsHeld + semaphore.available === this.program.permits,
      '20: permits are missing at rest'
    )
    const heads = lines.permits.heads()
    this.must(
      heads.length === 0 || heads.some(({ asking }) => asking > semaphore.available),
      `21: the head waits for ${heads.map(({ asking }) => asking)} of ${semaphore.available} permits`
    )
    this.must(
      !this.shared.isClosed || this.closers === 0,
      `13: ${this.closers} closers wait for a closed group`
    )
    for (const [fiber, owner] of this.owners) {
      this.must(
        !owner.mustEnd || isOver(fiber),
        `4: an interruption of ${fiber.name} was lost (${describeStatus(fiber)})`
      )
    }
    for (const owner of this.attended) {
      this.must(!owner.mustEnd, `6: ${owner.id}, which somebody waits for, was to end and has not`)
    }
    const tree = dump()
    for (const name of this.closedNames) this.must(!tree.includes(name), `14: ${name} was kept after its end`)
  }

  checkAtEnd(): void {
    this.look()
    for (const group of [this.root, this.shared]) {
      this.must(group.isClosed && group.size === 0, `11: closed with ${group.size} fibers`)
    }
    const inside: Array<number> = []
    for (let next = this.queue.getNowait(); next._tag === 'Right'; next = this.queue.getNowait()) {
      inside.push(next.right)
    }
    const sorted = (items: ReadonlyArray<number>) => [...items].sort((a, b) => a - b).join()
    this.must(
      sorted(this.put) === sorted([...this.got, ...inside]),
      `15, 16: put ${sorted(this.put)}, got ${sorted(this.got)}, inside ${sorted(inside)}`
    )
    this.must(this.acquired === this.released, `8: ${this.acquired} acquired, ${this.released} released`)
    this.must(this.semaphore.available === this.program.permits, '20: permits are missing at the end')
    this.must(this.permitsHeld === 0, '20: permits are held at the end')
    this.must(this.closers === 0, `13: ${this.closers} closers have not come back`)
    for (const line of Object.values(this.lines)) this.must(line.size === 0, `24: left waiting: ${line.on}`)
    for (const [fiber, owner] of this.owners) this.checkEnded(fiber, owner)
  }

  private checkEnded(fiber: Fiber<unknown, unknown>, owner: Owner): void {
    const ended = fiber.poll()
    if (ended._tag === 'None') {
      this.broken.push(`11: fiber ${owner.id} is ${fiber.status()._tag}`)
      return
    }
    this.must(fiber.status()._tag === 'Done', `1: an ended fiber says ${fiber.status()._tag}`)
    this.must(
      owner.told.every((times) => times === 1),
      `1: those who waited for ${owner.id} were told ${owner.told}`
    )
    this.must(owner.open === 0, `3: ${owner.id} has ended with ${owner.open} finalizers to run`)
    this.must(owner.masked === 0, `5: ${owner.id} has ended within ${owner.masked} masks`)
    this.checkReasons(ended.value, `fiber ${owner.id}`)
    const heard = this.heard.get(fiber.id) ?? 0
    const expected = isTold(ended.value) ? 1 : 0
    // Of a failure that is only carried nobody can see here whether it was that of a cleanup.
    const { fails, dies } = countReasons(ended.value)
    const isUnsure = heard === 1 && fails > 0
    // A failure behind an interruption may have passed a handler of failures: no type names it then, and only the reporter is told.
    const isPastHandler = heard === 0 && dies === 0 && isInterrupted(ended.value)
    if (isPastHandler && expected === 1) this.reported.add(fiber.id)
    this.must(
      heard === expected || isUnsure || isPastHandler,
      `1: onFailure heard ${heard} times, not ${expected}, of fiber ${owner.id}`
    )
  }

  /** Failures, defects and interruptions never become one another. */
  checkReasons(exit: Exit.Exit<unknown, unknown>, whose: string): void {
    if (exit._tag === 'Right') return
    for (const reason of exit.left.reasons) {
      const planned =
        reason._tag === 'Interrupt' ||
        (reason._tag === 'Fail' ? isPlannedError(reason.error) : reason.defect === plannedDefect)
      this.must(planned, `7: ${whose} ended with ${Cause.pretty(exit.left)}`)
    }
  }
}

const describeStatus = (fiber: Fiber<unknown, unknown>): string => {
  const status = fiber.status()
  return status._tag === 'Waiting' ? `waits for ${status.on}` : status._tag
}

export const isOver = (fiber: Fiber<unknown, unknown>): boolean => fiber.poll()._tag === 'Some'

export const isInterrupted = (exit: Exit.Exit<unknown, unknown>): boolean =>
  exit._tag === 'Left' && Cause.isInterrupted(exit.left)

/** How many failures and defects there are, those that an interruption carries included. */
export const countReasons = (exit: Exit.Exit<unknown, unknown>): Count => {
  const count = { fails: 0, dies: 0 }
  for (const reason of exit._tag === 'Left' ? exit.left.reasons : []) {
    if (reason._tag === 'Fail') count.fails++
    else if (reason._tag === 'Die') count.dies++
    else if (reason.result._tag === 'Some') {
      const { fails, dies } = countReasons(reason.result.value)
      count.fails += fails
      count.dies += dies
    }
  }
  return count
}

interface Count {
  readonly fails: number
  readonly dies: number
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
