/** The command line: its options, and the messages for wrong ones. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import * as Either from 'fp-ts/lib/Either.js'

export interface Options {
  readonly folder: string
  readonly json: boolean
  /** Prints every group, also on a terminal. */
  readonly all: boolean
  readonly quiet: boolean
  readonly minSize: number
  readonly concurrency: number
  /** On how many threads large files are hashed; 0: on the thread that searches. */
  readonly threads: number
  /** The Redis through which other processes are asked to hash large files. */
  readonly cluster?: string
  /** The port of the inspector; 0: any free one; left out: there is no inspector. */
  readonly inspect?: number
}

export type Request =
  | { readonly _tag: 'Search'; readonly options: Options }
  | { readonly _tag: 'Serve'; readonly connection: string; readonly concurrency: number }
  /** --help or --version: only this is printed. */
  | { readonly _tag: 'Show'; readonly text: string }

/** The command line is wrong, or the folder that it names cannot be used. */
export class UsageError {
  readonly _tag = 'UsageError'
  constructor(readonly message: string) {}
}

export const parseOptions = (words: ReadonlyArray<string>): Either.Either<UsageError, Request> => {
  let shown = ''
  let complaint = ''
  const home = findHome(import.meta.dirname)
  const command = makeCommand(home).configureOutput({
    writeOut: (text) => {
      shown += text
    },
    writeErr: (text) => {
      complaint += text
    }
  })
  try {
    command.parse(withPort(words), { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    return error.exitCode === 0
      ? Either.right({ _tag: 'Show', text: shown })
      : Either.left(new UsageError(complaint.trimEnd()))
  }
  const { serve, ...options } = command.opts<Omit<Options, 'folder'> & { readonly serve?: string }>()
  if (serve !== undefined) {
    return Either.right({ _tag: 'Serve', connection: serve, concurrency: options.concurrency })
  }
  const folder = command.processedArgs[0] ?? defaultFolder(home)
  if (folder === undefined)
    return Either.left(new UsageError('error: say which folder to search (see --help)'))
  return Either.right({ _tag: 'Search', options: { ...options, folder } })
}

const makeCommand = (home: string | undefined): Command =>
  new Command('find-duplicates')
    .description(
      'Finds files with the same content below a folder, and prints them in groups, the most wasteful first.'
    )
    .argument('[folder]', "where to search (if left out: the node_modules of this program's project)")
    .option('--all', 'print every group, also on a terminal', false)
    .option('--json', 'print the result as JSON (its shape is in README.md)', false)
    .addOption(
      new Option(
        '--min-size <size>',
        'leave out smaller files; a number of bytes, or with k, M, G or T behind it (1k is 1024)'
      )
        .argParser(parseSize)
        .default(1, '1, which leaves out empty files')
    )
    .addOption(
      new Option('--concurrency <number>', `how many files to read at once, 1 to ${maxConcurrency}`)
        .argParser(parseConcurrency)
        .default(4)
    )
    .addOption(
      new Option('--threads <number>', `on how many threads to hash large files, 1 to ${maxThreads}`)
        .argParser(parseThreads)
        .default(0, 'the one that searches')
        .conflicts(['cluster', 'serve'])
    )
    .addOption(
      new Option('--cluster <url>', 'hash large files on the processes that serve this Redis')
        .argParser(parseRedis)
        .conflicts('serve')
    )
    .addOption(
      new Option(
        '--serve <url>',
        'search nothing, but hash for who says --cluster with this Redis, until Ctrl-C'
      ).argParser(parseRedis)
    )
    .addOption(
      new Option('--inspect [port]', 'show the search at work on a page in the browser, until Ctrl-C')
        .argParser(parsePort)
        .conflicts('serve')
    )
    .option('-q, --quiet', 'show no progress and no summary', false)
    .version(versionOf(home), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .addHelpText('after', notes)
    .showHelpAfterError('(--help lists what can be said)')
    .exitOverride()

const notes = `
The result is on stdout; progress, a summary, and each file that could not be
compared are on stderr (with --json those files are part of the result).
On a terminal the result is cut to one screen: the ten largest groups. With
--all, and where it is piped or saved, it is complete.

Symbolic links are not followed, except where [folder] itself is one. Several
names of one file (hard links) count as one file. A file that cannot be read
is reported and stops nothing.

With --inspect, the address of the page is on stderr. It is for this machine alone,
and its port is any free one, if none is named. After the search, with the result
printed, the program stays so that you can look, until Ctrl-C; the exit code is 0.

With --cluster, files must have the same paths on every machine that serves; with
none that does the search waits. A Redis is named as redis://host:port.

Exit codes: 0 the search came to its end, whether or not it found anything;
1 it failed; 2 the command line or the folder cannot be worked with;
130 it was broken off with Ctrl-C, and printed what it had found until then.`

const units: Readonly<Record<string, number>> = { '': 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 }

export const parseSize = (text: string): number => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text)
  const factor = units[match?.[2]?.toLowerCase() ?? '']
  if (match === null || factor === undefined) {
    throw new InvalidArgumentError('A size is a number, as 500, or one with a unit, as 10k, 1.5M or 2G.')
  }
  const size = Math.ceil(Number(match[1]) * factor)
  if (!Number.isSafeInteger(size)) throw new InvalidArgumentError('No file is that large.')
  return size
}

const maxConcurrency = 128

const parseConcurrency = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > maxConcurrency) {
    throw new InvalidArgumentError(`It is a whole number from 1 to ${maxConcurrency}.`)
  }
  return number
}

const maxThreads = 64

const parseThreads = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number < 1 || number > maxThreads) {
    throw new InvalidArgumentError(`It is a whole number from 1 to ${maxThreads}.`)
  }
  return number
}

const maxPort = 65_535

const parsePort = (text: string): number => {
  const number = Number(text)
  if (!/^\d+$/.test(text) || number > maxPort) {
    throw new InvalidArgumentError(`A port is a whole number from 1 to ${maxPort}, or 0 for any free one.`)
  }
  return number
}

/** `--inspect` without a port means any free one. If no number follows it, what follows is the folder. */
const withPort = (words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const rest = words.indexOf('--')
  return words.map((word, index) => {
    const isOption = word === '--inspect' && (rest < 0 || index < rest)
    return isOption && !/^\d+$/.test(words[index + 1] ?? '') ? '--inspect=0' : word
  })
}

const parseRedis = (text: string): string => {
  if (!URL.canParse(text) || !/^rediss?:$/.test(new URL(text).protocol)) {
    throw new InvalidArgumentError('A Redis is named as redis://host:port.')
  }
  return text
}

/** The folder of the package that contains this file, wherever it was compiled to. */
const findHome = (start: string): string | undefined => {
  if (existsSync(join(start, 'package.json'))) return start
  const above = dirname(start)
  return above === start ? undefined : findHome(above)
}

const defaultFolder = (home: string | undefined): string | undefined => {
  if (home === undefined) return undefined
  const modules = join(home, 'node_modules')
  const fromHere = relative(process.cwd(), modules)
  return fromHere.startsWith('..') ? modules : fromHere
}

const versionOf = (home: string | undefined): string =>
  home === undefined
    ? 'unknown'
    : String(JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version)
