/**
 * Permits that fibers hold for a limited time. They are strictly first come, first
 * served: small requests do not overtake a large request at the head of the wait
 * queue, so it cannot starve (that it would block them for good was Effect#2107).
 */
import type { Option } from 'fp-ts/lib/Option.js'
import { die, succeed, sync, unit } from '../core/construct.js'
import { isTask, make, Op, type Task } from '../core/node.js'
import { checkCount, expected } from '../data/check-input.js'
import { none, some } from '../data/either.js'
import { countOf, showAsText, summary, waitingCount } from '../data/to-string.js'
import type { FiberState } from '../runtime/fiber-state.js'
import type { Holding } from '../runtime/observe/wait-cycles.js'
import { OwnedWaitQueue, park, waitersIn } from '../runtime/wait-queue.js'
import { onExit } from '../task/ensuring.js'
import { uninterruptibleMask } from '../task/interruptibility.js'

/**
 * A fixed number of permits for fibers. The free and the held
 * permits always add up to that number, whatever is interrupted.
 *
 * ```ts
 * import { pipe } from 'fp-ts/lib/function.js'
 * import { runTask, Semaphore, Task } from 'aio-ts'
 *
 * const two = new Semaphore(2)
 * const work = pipe(Task.sync(() => two.available), two.withPermits(1))
 * console.log(await runTask(work), two.available) // => { _tag: 'Right', right: 1 } 2
 * ```
 */
export class Semaphore {
  /** Never negative. */
  private free: number
  /** Invariant: the request of the first waiter exceeds `free`. */
  private readonly waiters: OwnedWaitQueue<number>

  static make(permits: number): Task<never, Semaphore> {
    return sync(() => new Semaphore(permits))
  }

  /** Throws a RangeError if `permits` is not a whole number of at least 0. */
  constructor(private readonly permits: number) {
    const wrong = checkCount('Semaphore', 'a number of permits', 0, permits)
    if (wrong !== undefined) throw wrong
    this.free = permits
    // The waiter that has left may have been the only one whose request did not fit.
    this.waiters = new OwnedWaitQueue('Semaphore.withPermits', () => this.serve())
    showAsText(Semaphore.prototype)
  }

  get available(): number {
    return this.free
  }

  /**
   * Waits until `n` permits are free and all earlier requests have been served, runs `self`,
   * and releases the permits however `self` ends. A request for 0 permits also waits for its
   * turn. If it is interrupted while it waits, it takes no permits. If `n` exceeds the total
   * number of permits, the task dies at once, because the request could never be served.
   */
  withPermits(n: number): <E, A>(self: Task<E, A>) => Task<E, A> {
    const where = 'Semaphore.withPermits'
    const wrong = this.check(where, n)
    if (wrong !== undefined) return () => die(wrong)
    const acquire: Task<never, void> = make(Op.Park, Semaphore.look, this, n)
    const release = this.holding(n)
    return (self) =>
      isTask(self)
        ? uninterruptibleMask((restore) => hold(restore(acquire), restore(self), release))
        : die(expected(where, 'to stand behind a Task', self))
  }

  /**
   * Runs `self` with `n` permits and succeeds with Some of its value. Succeeds with
   * None, without running `self`, if the permits are not free at once or other fibers
   * already wait for permits; also if `n` exceeds the total number of permits.
   */
  tryWithPermits(n: number): <E, A>(self: Task<E, A>) => Task<E, Option<A>> {
    const where = 'Semaphore.tryWithPermits'
    const wrong = checkCount(where, 'a number of permits', 0, n)
    if (wrong !== undefined) return () => die(wrong)
    const release = this.holding(n)
    return <E, A>(self: Task<E, A>) => {
      if (!isTask(self)) return die(expected(where, 'to stand behind a Task', self))
      const held = make(Op.Map, self, (a: A): Option<A> => some(a))
      return uninterruptibleMask((restore) =>
        make(Op.Suspend, () => (this.tryTake(n) ? hold(unit, restore(held), release) : succeed(none)))
      )
    }
  }

  private check(where: string, n: number): RangeError | undefined {
    const wrong = checkCount(where, 'a number of permits', 0, n)
    if (wrong !== undefined || n <= this.permits) return wrong
    return new RangeError(`${where}: ${n} permits can never be had, it has ${this.permits} in all`)
  }

  toJSON(): unknown {
    const { available, permits } = this
    return { _tag: 'Semaphore', available, permits, waiting: waitersIn(this.waiters).length }
  }

  toString(): string {
    const free = `${this.free} of ${countOf(this.permits, 'permit')} free`
    return summary('Semaphore', undefined, free, waitingCount(waitersIn(this.waiters).length))
  }

  private static look(
    fiber: FiberState,
    semaphore: Semaphore,
    n: number
  ): Task<unknown, unknown> | undefined {
    return semaphore.tryTake(n) ? unit : park(semaphore.waiters, fiber, n)
  }

  private tryTake(n: number): boolean {
    if (this.waiters.first !== undefined || n > this.free) return false
    this.free -= n
    return true
  }

  /**
   * Returns the finalizer that releases `n` permits. Its
   * properties mark them as held, for deadlock detection.
   */
  private holding(n: number): Release {
    const release = sync(() => this.release(n))
    return Object.assign(() => release, { holds: this.waiters, permits: n, of: this.permits })
  }

  private release(n: number): void {
    this.free += n
    this.serve()
  }

  /** Gives permits to the waiters at the head of the wait queue, as long as their requests fit. */
  private serve(): void {
    for (;;) {
      const { first } = this.waiters
      if (first === undefined || first.payload > this.free) return
      this.free -= first.payload
      first.leave()
      first.fiber.wake(unit)
    }
  }
}

type Release = Holding & (() => Task<never, void>)

/** Runs masked: `self` runs once the permits are acquired, and they are released however it ends. */
const hold = <E, A>(acquire: Task<never, void>, self: Task<E, A>, release: Release): Task<E, A> =>
  make(Op.FlatMap, acquire, () => onExit<E, A, never>(release)(self))
