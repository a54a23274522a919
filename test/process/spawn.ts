/** Starts one of the fixture programs in a Node of its own, and waits for what it says and how it ends. */
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

export class Program {
  readonly child: ChildProcess
  stdout = ''
  stderr = ''
  readonly ended: Promise<Ended>
  private readonly listeners = new Set<() => void>()

  constructor(
    name: string,
    file: string = fileURLToPath(new URL('fixtures/programs.mjs', import.meta.url)),
    env: NodeJS.ProcessEnv = {}
  ) {
    const start = performance.now()
    this.child = spawn(process.execPath, [file, name], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...env }
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
      for (const listener of this.listeners) listener()
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = new Promise((resolve, reject) => {
      this.child.once('error', reject)
      this.child.once('close', (code, signal) => {
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr, took: performance.now() - start })
        for (const listener of this.listeners) listener()
      })
    })
  }

  /** Until it has written `text` on stdout. */
  async says(text: string): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const look = () => {
        if (this.stdout.includes(text)) resolve()
        else if (this.child.exitCode !== null || this.child.signalCode !== null) {
          reject(new Error(`ended before it said "${text}":\n${this.stdout}\n${this.stderr}`))
        } else return
        this.listeners.delete(look)
      }
      this.listeners.add(look)
      look()
    })
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** For the end of a test: nothing that it started lives on. */
  stop(): void {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGKILL')
  }
}
