/**
 * find-duplicates: finds files with the same content below a folder. README.md says how it is used.
 *
 * Read it from here: `options` is the command line, `search` the work, `report` what comes out. This file puts them
 * together: the search with its progress display, then the result, also when the search is interrupted; and around it all, if
 * somebody wants to look inside, the inspector.
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
  const whole = pipe(
    options.quiet ? searching : withProgress(findings, searching),
    // However it ends: where it was interrupted, what was found until then is printed. No further interruption gets in
    // between, so the result is printed whole; half of a JSON document is of no use to anybody.
    Task.onExit((exit) =>
      neverBegan(exit)
        ? Task.unit
        : report(findings, options, Either.isLeft(exit), (performance.now() - started) / 1000)
    )
  )
  yield* inspecting(options.inspect, (text) => tell((output) => output.write(text)))(whole)
})

/** There was nowhere to hash: nothing was searched, and that is all there is to say. */
const neverBegan = (exit: Exit.Exit<unknown, unknown>): boolean =>
  Either.isLeft(exit) && Cause.failures(exit.left).some((error) => error instanceof NowhereToHash)

/** The display is gone from the screen before anything else is printed. */
const withProgress = <E>(findings: Findings, task: Task.Task<E, void>): Task.Task<E, void> =>
  Task.withGroup(
    (group) =>
      Task.gen(function* () {
        const progress = showProgress(findings.tally, process.stderr)
        // There is nobody who could have closed the group.
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
    yield* print((options.json ? writeJson : writeText)(findings, isPartial))
    if (!options.json) yield* tell(writeErrors(findings))
    if (!options.quiet) yield* tell(writeSummary(findings, isPartial, seconds))
  })

type Writer = (output: Output) => Task.Task<OutputError, unknown>

const print = (writer: Writer): Task.Task<never, void> =>
  pipe(
    Output.writing(process.stdout, writer),
    // The reader has gone, as `head` does when it has its ten lines: it has what it wanted.
    Task.catchTag('OutputClosed', () => Task.unit),
    Task.catchTag('OutputFailed', ({ message }) =>
      complain(`error: the result could not be written: ${message}`, 1)
    )
  )

/** On stderr. Where nobody reads it there is nobody left to tell. */
const tell = (writer: Writer): Task.Task<never, void> =>
  pipe(
    Output.writing(process.stderr, writer),
    Task.getOrElse(() => {})
  )

const complain = (message: string, exitCode: number): Task.Task<never, void> =>
  Task.suspend(() => {
    process.exitCode = exitCode
    return tell((output) => output.write(`${message}\n`))
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
