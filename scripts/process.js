/**
 * Programs that the scripts start, and what becomes of a signal meanwhile.
 *
 * While a program runs, the script outlives the signal: it hands it on, waits until the program has ended, puts away what is
 * half done (a lock, a folder) and only then ends itself.
 */
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { fileURLToPath } from 'node:url'

/** The project's folder, without a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url)).replace(/[\\/]$/, '')

/** Ends the script with a sentence for a person. */
export class Stop extends Error {
  /**
   * @param {string} message
   * @param {number} exitCode
   */
  constructor(message, exitCode = 1) {
    super(message)
    this.name = 'Stop'
    this.exitCode = exitCode
  }
}

/** @type {ReadonlyArray<NodeJS.Signals>} */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** @param {NodeJS.Signals} signal */
const exitCodeOf = (signal) => 128 + constants.signals[signal]

/**
 * Runs a program to its end and gives its exit code. A signal that arrives meanwhile is handed on, and stops the script after
 * the program has ended.
 *
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {{
 *   readonly stdout?: 'inherit' | 'stderr' | 'pipe'
 *   readonly cwd?: string
 *   readonly env?: Record<string, string>
 *   readonly timeoutMs?: number
 *   readonly onStart?: (pid: number) => void
 * }} [options] `pipe` gathers what the program prints (both streams), for who wants to print it later.
 * @returns {Promise<{ readonly code: number, readonly stdout: string, readonly stderr: string }>}
 */
export const run = (command, args, options = {}) =>
  new Promise((resolve, reject) => {
    const { stdout: to = 'inherit' } = options
    // What has a limit is stopped with all that it has started: a group of its own.
    const isGroup = options.timeoutMs !== undefined && process.platform !== 'win32'
    const child = spawn(command, args, {
      detached: isGroup,
      cwd: options.cwd ?? root,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', to === 'stderr' ? 2 : to, to === 'pipe' ? 'pipe' : 'inherit'],
      // A Windows command script (npm.cmd) is started by the shell alone.
      shell: process.platform === 'win32' && command === 'npm'
    })
    let stdout = ''
    let stderr = ''
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text
    })
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text
    })
    /** @param {NodeJS.Signals} signal */
    const tell = (signal) => {
      try {
        if (isGroup && child.pid !== undefined) process.kill(-child.pid, signal)
        else child.kill(signal)
      } catch {
        // It has ended by itself meanwhile.
      }
    }
    /** @type {NodeJS.Signals | undefined} */
    let received
    /** @param {NodeJS.Signals} signal */
    const handOn = (signal) => {
      received ??= signal
      tell(signal)
    }
    for (const signal of signals) process.on(signal, handOn)
    const timer =
      options.timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            const words = `\nStopped: it had not ended after ${options.timeoutMs} ms.\n`
            if (to === 'pipe') stderr += words
            else console.error(words)
            tell('SIGKILL')
          }, options.timeoutMs)
    const settle = () => {
      clearTimeout(timer)
      for (const signal of signals) process.off(signal, handOn)
    }
    if (child.pid !== undefined) options.onStart?.(child.pid)
    child.on('error', (error) => {
      settle()
      reject(new Stop(`Could not start ${command}: ${error.message}`))
    })
    child.on('close', (code, signal) => {
      settle()
      if (received !== undefined) reject(new Stop(`Stopped by ${received}.`, exitCodeOf(received)))
      else resolve({ code: code ?? (signal === null ? 1 : exitCodeOf(signal)), stdout, stderr })
    })
  })

/**
 * The npm that runs this script, or the one on the path: the command and the arguments it begins with.
 *
 * @returns {[string, ReadonlyArray<string>]}
 */
export const npm = () => {
  const path = process.env.npm_execpath
  return path !== undefined && /npm-cli\.[cm]?js$/.test(path) ? [process.execPath, [path]] : ['npm', []]
}

/** One press of Ctrl-C may reach us twice within this time: from the terminal, and handed on by npm. */
const samePressMs = 250

/**
 * Runs the program that all this was for, as if it had been started itself: its input, output and exit code are ours.
 *
 * A terminal sends Ctrl-C to everybody in the foreground, and npm hands it on as well, so a program under `npm start` would
 * see two and take the second for impatience. It is therefore started out of the terminal's reach, and hears of a signal only
 * from here: once.
 *
 * @param {string} command
 * @param {ReadonlyArray<string>} args
 * @param {{ readonly cwd: string }} options
 * @returns {Promise<number>}
 */
export const become = (command, args, { cwd }) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, stdio: 'inherit', detached: process.platform !== 'win32' })
    /** @type {Map<NodeJS.Signals, number>} */
    const last = new Map()
    /** @param {NodeJS.Signals} signal */
    const handOn = (signal) => {
      // Windows signals every program of a console by itself.
      if (process.platform === 'win32') return
      const now = performance.now()
      if (now - (last.get(signal) ?? Number.NEGATIVE_INFINITY) < samePressMs) return
      last.set(signal, now)
      child.kill(signal)
    }
    for (const signal of signals) process.on(signal, handOn)
    if (process.platform !== 'win32') {
      process.on('SIGWINCH', () => child.kill('SIGWINCH'))
      process.on('SIGTSTP', () => {
        child.kill('SIGSTOP')
        process.kill(process.pid, 'SIGSTOP')
      })
      process.on('SIGCONT', () => child.kill('SIGCONT'))
    }
    child.on('error', (error) => reject(new Stop(`Could not start ${command}: ${error.message}`)))
    child.on('close', (code, signal) => resolve(code ?? (signal === null ? 1 : exitCodeOf(signal))))
  })
