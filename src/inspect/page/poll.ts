/**
 * Asking again and again. One question is under way at a time: what changes meanwhile is asked for right
 * after. A page that is paused or hidden asks nothing by itself, and a program that gives no answer is asked
 * less and less often.
 */
import type { InspectorState } from '../protocol.js'

/** How long to wait before the program has said how long; after no answer twice as long each time. */
const betweenMs = 500
const longestBetweenMs = 10_000
/** A program that has not answered for so long is busy, or gone. */
const slowMs = 3_000
const giveUpMs = 20_000

/** Why there is no answer. */
export type Silence = 'unreachable' | 'refused' | 'strange' | 'slow'

export interface Answered {
  /** The rest of the address, to be asked for now. */
  query(): string
  answer(state: InspectorState): void
  silence(why: Silence): void
}

const isInspectorState = (value: unknown): value is InspectorState =>
  typeof value === 'object' && value !== null && 'version' in value && value.version === 1

const ask = async (query: string): Promise<InspectorState | Silence> => {
  try {
    const signal = AbortSignal.timeout(giveUpMs)
    const response = await fetch(`state?${query}`, { signal, cache: 'no-store', redirect: 'error' })
    if (!response.ok) return 'refused'
    const value: unknown = await response.json()
    return isInspectorState(value) ? value : 'strange'
  } catch (error) {
    return error instanceof SyntaxError ? 'strange' : 'unreachable'
  }
}

export class Poller {
  private timer: ReturnType<typeof setTimeout> | undefined
  private isAsking = false
  /** Something else is to be asked for than what is being asked. */
  private isDue = false
  private isPaused = false
  private failures = 0
  /** How long to wait until the next question, as the program has it. */
  private nextMs = betweenMs

  constructor(private readonly to: Answered) {
    document.addEventListener('visibilitychange', () => this.plan(0))
  }

  /**
   * Asks now, even while paused: for what a person has just done. A program that is silent is left its time.
   */
  now(): void {
    this.isDue = true
    if (this.failures === 0) this.go()
  }

  /** Asks now, whatever was before. */
  retry(): void {
    this.isDue = true
    this.go()
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused
    this.plan(0)
  }

  private plan(ms: number): void {
    clearTimeout(this.timer)
    this.timer = undefined
    if (this.isPaused || document.hidden || this.isAsking) return
    this.timer = setTimeout(() => this.retry(), ms)
  }

  private async go(): Promise<void> {
    if (this.isAsking) return
    clearTimeout(this.timer)
    this.isAsking = true
    while (this.isDue) {
      this.isDue = false
      await this.askOnce()
      // Who scrolls on while nobody answers must not ask in a tight loop.
      if (this.failures > 0) this.isDue = false
    }
    this.isAsking = false
    this.plan(this.failures === 0 ? this.nextMs : Math.min(longestBetweenMs, betweenMs * 2 ** this.failures))
  }

  private async askOnce(): Promise<void> {
    const slow = setTimeout(() => this.to.silence('slow'), slowMs)
    const got = await ask(this.to.query())
    clearTimeout(slow)
    if (typeof got === 'string') {
      this.failures++
      this.to.silence(got)
    } else {
      this.failures = 0
      this.nextMs = got.nextMs
      this.to.answer(got)
    }
  }
}
