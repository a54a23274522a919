/** Starts one of the fixture programs in a Node of its own, and waits for its output and its end. */
import { type ChildProcess, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from the start. */
  readonly took: number
}

/** How a program is started, if not by Node alone. */
export interface How {
  /** What stands before the file: Node, if left out. */
  readonly by?: ReadonlyArray<string>
  /** Whether it leads a process group of its own, as a program in a terminal does. */
  readonly isGroup?: boolean
  readonly cwd?: string
}

export class Program {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ended>
  private readonly listeners = new Set<() => void>()

  constructor(
    name: string,
    file: string = fileURLToPath(new URL('fixtures/programs.mjs', import.meta.url)),
    env: NodeJS.ProcessEnv = {},
    private readonly how: How = {}
  ) {
    const start = performance.now()
    const [command = process.execPath, ...args] = how.by ?? []
    this.child = spawn(command, [...args, file, name], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      detached: how.isGroup === true,
      cwd: how.cwd
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      for (const listener of this.listeners) listener()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
      for (const listener of this.listeners) listener()
    })
    // A program that has ended reads no input.
    this.child.stdin?.on('error', () => undefined)
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject)
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr, took: performance.now() - start })
        for (const listener of this.listeners) listener()
      })
    })
  }

  /** Until it has written `text` on stdout, that often. */
  says(text: string, times = 1): Promise<void> {
    return this.until(`it said "${text}"`, () => this.stdout.split(text).length > times)
  }

  /** Until it has written `text` on stderr, that often. */
  reports(text: string, times = 1): Promise<void> {
    return this.until(`it reported "${text}"`, () => this.stderr.split(text).length > times)
  }

  private async until(what: string, isSo: () => boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (isSo()) resolve()
        else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          reject(new Error(`ended before ${what}:\n${this.stdout}\n${this.stderr}`))
        } else return
        this.listeners.delete(look)
      }
      this.listeners.add(look)
      look()
    })
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** To all that it has started as well, as a terminal does. */
  killGroup(signal: NodeJS.Signals): void {
    const { pid } = this.child
    if (pid === undefined) return
    try {
      process.kill(-pid, signal)
    } catch {
      // All of them have ended.
    }
  }

  /**
   * Sends the signal again, later than it would count as the one before, and once more where the program was
   * too busy to notice that. Not while the program is about to end, as its output shows by `words`: Node does
   * not listen any more then.
   */
  async killAgain(signal: NodeJS.Signals, words = 'a second signal'): Promise<Ended> {
    const later = (): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, 1300, false))
    const isEnding = (): boolean => this.hasEnded || (this.stdout + this.stderr).includes(words)
    for (await later(); !isEnding(); await Promise.race([this.ended, later()])) this.kill(signal)
    return this.ended
  }

  /** For its standard input. */
  hears(text: string): void {
    this.child.stdin?.write(text)
  }

  /** For the end of a test: nothing that it started lives on. */
  stop(): void {
    if (this.how.isGroup === true) this.killGroup('SIGKILL')
    else if (!this.hasEnded) this.child.kill('SIGKILL')
  }
}
