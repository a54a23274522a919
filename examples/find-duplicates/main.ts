/**
 * find-duplicates: finds files with the same content below a folder. README.md says how it is used.
 *
 * Begin to read here: `options` is the command line, `search` the work, `report` the result. This file composes them: the
 * search with its progress display, then the result, also if the search is interrupted; and around both the inspector, if
 * the user asks for it.
 */

import { Cause, type Exit, Task } from 'aio-ts'
import { runMain } from 'aio-ts/node'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { hashingElsewhere, NowhereToHash, serve } from './elsewhere.js'
import { checkFolder } from './folder.js'
import { inspecting } from './inspection.js'
import { keepNurserySmall } from './memory.js'
import { type Options, parseOptions } from './options.js'
import { Output, type OutputError } from './output.js'
import { showProgress } from './progress.js'
import { type Findings, writeErrors, writeJson, writeSummary, writeText } from './report.js'
import { errorsOn, screenOf, writeScreen } from './screen.js'
import { newFindings, search } from './search.js'

const program = Task.gen(function* () {
  const request = yield* Task.fromEither(parseOptions(process.argv.slice(2)))
  if (request._tag === 'Show') return yield* print((output) => output.write(request.text))
  if (request._tag === 'Serve') return yield* serve(request.connection, request.concurrency)
  const { options } = request
  yield* checkFolder(options.folder)

  const started = performance.now()
  const findings = newFindings(options.folder)
  const searching = hashingElsewhere(options, (digest) => search(findings, options, digest))
  yield* pipe(
    options.quiet ? searching : pipe(searching, withProgress(findings)),
    // However the search ends: after an interruption, what was found until then is printed. A finalizer cannot be
    // interrupted, so the result is printed as a whole; half of a JSON document is of no use.
    Task.onExit((exit) =>
      neverBegan(exit)
        ? Task.unit
        : report(findings, options, Either.isLeft(exit), (performance.now() - started) / 1000)
    ),
    inspecting(options.inspect, (text) => printError((output) => output.write(text)))
  )
})

/** Whether the search failed before it began, since there was nowhere to hash. Then there is nothing to report. */
const neverBegan = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Either.isLeft(exit) && Cause.failures(exit.left).some((error) => error instanceof NowhereToHash)

/** Shows the progress while `task` runs. The display is removed from the screen before anything else is printed. */
const withProgress =
  (findings: Findings) =>
  <E>(task: Task.Task<E, void>): Task.Task<E, void> =>
    Task.withGroup(
      (group) =>
        Task.gen(function* () {
          const progress = showProgress(findings.tally, process.stderr)
          // The group has only just been opened, so this cannot fail.
          yield* Task.orDie(group.spawn(progress, { name: 'progress' }))
          yield* task
        }),
      { name: 'display' }
    )

const report = (
  findings: Findings,
  options: Options,
  isPartial: boolean,
  seconds: number
): Task.Task<never, void> =>
  Task.gen(function* () {
    const screen = options.json || options.all ? undefined : screenOf(process.stdout)
    const write = options.json ? writeJson : screen === undefined ? writeText : writeScreen(screen)
    yield* print(write(findings, isPartial))
    if (!options.json) yield* printError(writeErrors(findings, errorsOn(screen)))
    if (!options.quiet) yield* printError(writeSummary(findings, isPartial, seconds))
  })

type Writer = (output: Output) => Task.Task<OutputError, unknown>

const print = (writer: Writer): Task.Task<never, void> =>
  pipe(
    Output.writing(process.stdout, writer),
    // The reader has gone, as `head` does when it has its ten lines. It has what it wanted, so this is no failure.
    Task.catchTag('OutputClosed', () => Task.unit),
    Task.catchTag('OutputFailed', ({ message }) =>
      complain(`error: the result could not be written: ${message}`, 1)
    )
  )

/** Writes to stderr. If that fails, there is no other place to write to. */
const printError = (writer: Writer): Task.Task<never, void> =>
  pipe(
    Output.writing(process.stderr, writer),
    Task.getOrElse(() => {})
  )

const complain = (message: string, exitCode: number): Task.Task<never, void> =>
  Task.suspend(() => {
    process.exitCode = exitCode
    return printError((output) => output.write(`${message}\n`))
  })

keepNurserySmall()
runMain(
  pipe(
    program,
    Task.catchTag('UsageError', ({ message }) => complain(message, 2)),
    Task.catchTag('FolderClosed', ({ message }) => complain(message, 1)),
    Task.catchTag('NowhereToHash', ({ message }) => complain(message, 1)),
    Task.catchTag('InspectError', ({ message }) => complain(`error: ${message}`, 1)),
    Task.named('find-duplicates')
  )
)
