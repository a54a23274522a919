/** The built program as its users start it, and folders for it to search. */
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { wireit } from '../../../scripts/wireit.js'

export const root: string = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '')
export const program: string = join(root, '.tmp/examples/find-duplicates/main.js')

/** For `beforeAll`. */
export const build = (): Promise<void> => wireit('build:examples', { isQuiet: true })
export const buildTimeout = 120_000

export interface Outcome {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** Waits for the end of a started program. */
export const outcomeOf = (child: ChildProcess): Promise<Outcome> =>
  new Promise((resolve, reject) => {
    const stdout: Array<Buffer> = []
    const stderr: Array<Buffer> = []
    child.stdout?.on('data', (data: Buffer) => stdout.push(data))
    child.stderr?.on('data', (data: Buffer) => stderr.push(data))
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr).toString() })
    )
  })

export const runCommand = (command: string, args: ReadonlyArray<string>, cwd = root): Promise<Outcome> =>
  outcomeOf(spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] }))

export const runProgram = (args: ReadonlyArray<string>, cwd = root): Promise<Outcome> =>
  runCommand(process.execPath, [program, ...args], cwd)

/** What lets root pass by permissions. */
const overrides = '-dac_override,-dac_read_search'

/**
 * The same as somebody whom permissions bind, as they do not bind root. Root without its overrides, and not another user: that one
 * could not come to the program where the project lies in a folder of root's own.
 */
export const runProgramUnprivileged = (args: ReadonlyArray<string>, cwd: string): Promise<Outcome> =>
  process.getuid?.() === 0
    ? runCommand(
        'setpriv',
        [`--bounding-set=${overrides}`, `--inh-caps=${overrides}`, process.execPath, program, ...args],
        cwd
      )
    : runProgram(args, cwd)

/** What `--json` prints. */
export interface Result {
  readonly version: number
  readonly folder: string
  readonly partial: boolean
  readonly groups: ReadonlyArray<{
    readonly size: number
    readonly wasted: number
    readonly sha256: string
    readonly files: ReadonlyArray<string>
    readonly hardLinks: Readonly<Record<string, ReadonlyArray<string>>>
  }>
  readonly errors: ReadonlyArray<{ readonly _tag: string; readonly path: string; readonly reason: string }>
  readonly summary: Readonly<Record<string, number>>
}

export const resultOf = (outcome: Outcome): Result => JSON.parse(outcome.stdout.toString())

/** Makes a folder for one test and gives what removes it. Others may look into it. */
export const makeFolder = (): { readonly folder: string; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'find-duplicates-'))
  chmodSync(folder, 0o755)
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export const writeFiles = (folder: string, files: Readonly<Record<string, string | Buffer>>): void => {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
}

/** The bytes of a path in the JSON, where bytes that are no UTF-8 are lone surrogates. */
export const bytesOf = (path: string): Buffer =>
  Buffer.concat(
    Array.from(path, (character) => {
      const code = character.codePointAt(0) ?? 0
      return code >= 0xdc80 && code <= 0xdcff ? Buffer.from([code - 0xdc00]) : Buffer.from(character)
    })
  )
