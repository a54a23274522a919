/**
 * Waiting for the host, whose time cannot be made to jump: a promise may settle in this very turn of the event loop, after some I/O,
 * or never, and nothing says which.
 *
 * One turn of the event loop settles whatever microtasks can settle, in a chain of any length. Beyond that it takes an event to wait
 * for, and a limit where there is something else that could be done.
 */
import { host } from '../data/host.js'
import { defer } from '../runtime/scheduler.js'
import { hostClock } from '../runtime/timers.js'

/** Until the event loop has had its turn, and with it every promise that waits for no I/O. */
export const eventLoopTurn = (): Promise<void> => new Promise((resolve) => defer(resolve))

/** How long the host is waited for where there is something else to do: one that is at work, and one that shows no sign of it. */
const busyMs = 1000
const quietMs = 100

/** The same for one that has been waited for in vain before, by the same program. */
const silentMs = 10

/** How often it is looked at meanwhile. */
const sliceMs = 10

/**
 * How much the host has to do, where it tells: timers, requests, connections. It is a hint and no more, since what others have begun
 * may come to its end meanwhile.
 */
function resources(): number | undefined {
  try {
    return host.process?.getActiveResourcesInfo?.().length
  } catch {
    // A host that has the name and not the thing.
    return undefined
  }
}

/** What goes on in the host because of a program: compared with what went on before it began. */
export class HostWatch {
  private readonly before = resources()
  /** Whether it has been waited for in vain. */
  isSilent = false
  /** Ends the wait that is under way. */
  private wake: (() => void) | undefined = undefined

  /** `patienceMs` is how long the host is waited for, whatever it shows; undefined where it is to be guessed. */
  constructor(readonly patienceMs: number | undefined) {}

  /** Something has become ready, by whatever the host did. */
  woken(): void {
    this.wake?.()
  }

  /** Until `woken` is called. `onLong` is called once, where that takes long. */
  async untilWoken(longMs: number, onLong: () => void): Promise<void> {
    let isOver = false
    const woken = new Promise<void>((resolve) => {
      this.wake = resolve
    })
    const cancel = hostClock.setTimer(longMs, () => {
      if (!isOver) onLong()
    })
    await woken
    isOver = true
    this.wake = undefined
    cancel()
    // What comes in the same turn of the event loop comes together, and a choice is made among all of it.
    await eventLoopTurn()
  }

  /** Until `woken` is called, or the host has had its chance. Gives whether it was called. */
  async chance(): Promise<boolean> {
    const begun = host.performance.now()
    while (host.performance.now() - begun < this.patience()) {
      if (await this.slice()) {
        await eventLoopTurn()
        return true
      }
    }
    this.isSilent = true
    return false
  }

  /** How long the host is waited for, as it looks now. */
  private patience(): number {
    if (this.patienceMs !== undefined) return this.patienceMs
    const now = resources()
    if (now !== undefined && this.before !== undefined && now > this.before) return busyMs
    return this.isSilent ? silentMs : quietMs
  }

  private slice(): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = hostClock.setTimer(Math.min(sliceMs, this.patience()), () => {
        this.wake = undefined
        resolve(false)
      })
      this.wake = () => {
        this.wake = undefined
        cancel()
        resolve(true)
      }
    })
  }
}
