/**
 * Polls the program. One request is in progress at a time, and changes of the view meanwhile are requested
 * right after it. A page that is paused or hidden does not poll, and a program that does not answer is polled
 * less and less often.
 */
import type { InspectorState } from '../protocol.js'

/** How long to wait in ms until the program has said how long. The wait doubles after each failed request. */
const betweenMs = 500
const longestBetweenMs = 10_000
/**
 * After `slowMs` without an answer the program is reported as slow. After `giveUpMs` the request is aborted.
 */
const slowMs = 3_000
const giveUpMs = 20_000

/** Why there is no answer. */
export type Silence = 'unreachable' | 'refused' | 'strange' | 'slow'

export interface Answered {
  /** Returns the query of the next request. */
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
  /** Whether another request is needed, since the view changed after the current one was sent. */
  private isDue = false
  private isPaused = false
  private failures = 0
  /** How long to wait in ms until the next request, as the program has asked for. */
  private nextMs = betweenMs

  constructor(private readonly to: Answered) {
    document.addEventListener('visibilitychange', () => this.plan(0))
  }

  /**
   * Polls now, even while paused, for a change that the user made. After a failure it waits for the next
   * retry.
   */
  now(): void {
    this.isDue = true
    if (this.failures === 0) this.go()
  }

  /** Polls now, even after a failure. */
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
      // Scrolling while the program does not answer must not make requests in a tight loop.
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
