/** The inspector as a Resource: what it is made of, and in which order that comes and goes. */
import { basename } from 'node:path'
import { Group, Resource } from '../concurrency/group.js'
import type { GroupClosedError } from '../data/errors.js'
import type { Exit } from '../data/exit.js'
import * as Task from '../Task.js'
import { Model } from './collect/model.js'
import { InspectError } from './inspect-error.js'
import { checkInspectOptions, type InspectOptions } from './options.js'
import { bracketed, hostsOf, makeToken, tokenTest } from './server/guard.js'
import { type Page, readPage } from './server/page-files.js'
import { type Listening, startListening, stopListening } from './server/server.js'

const loopback = '127.0.0.1'

/** Addresses at which one listens but does not ask. */
const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': loopback, '::': '::1' }

interface Open {
  readonly listening: Listening
  readonly model: Model
  readonly url: string
}

/**
 * What is served as long as this is open. Closing it ends what is open at once, and nothing of it is left
 * behind.
 */
export class Inspector extends Resource {
  private constructor(
    private readonly group: Group<never>,
    /** The address of the page. It contains the secret: anybody who has the address can open the page. */
    readonly url: string
  ) {
    super()
  }

  /** With `page`, which is not read before the options make sense. */
  static make(
    options: InspectOptions,
    page: Task.Task<InspectError, Page>
  ): Task.Task<InspectError, Inspector> {
    const wrong = checkInspectOptions('inspect', options)
    if (wrong !== undefined) return Task.die(wrong)
    return Task.gen(function* () {
      const read = yield* page
      const group = yield* Group.make({ name: 'inspector' })
      const opened = Task.mapError(openingError)(group.acquire(openInspector(options, read), close))
      // If the fiber were interrupted here, no code could close the server.
      const { url } = yield* Task.onExit((exit: Exit<InspectError, Open>) =>
        exit._tag === 'Left' ? group.asyncClose() : Task.unit
      )(opened)
      return new Inspector(group, url)
    })
  }

  get asyncGroup(): Group<never> {
    return this.group
  }
}

const openInspector = (options: InspectOptions, page: Page): Task.Task<InspectError, Open> => {
  const { host = loopback, port = 0, keepAlive = false, allowedHosts = [], token = makeToken() } = options
  const { title = basename(process.argv[1] ?? 'node') } = options
  return Task.map((listening: Listening): Open => {
    const model = new Model(title)
    listening.serve({
      page,
      isToken: tokenTest(token),
      hosts: hostsOf(host, listening.port, allowedHosts),
      state: (view) => model.state(view)
    })
    const shown = bracketed(wildcards[host] ?? host)
    return { listening, model, url: `http://${shown}:${listening.port}/${token}/` }
  })(startListening(host, port, keepAlive))
}

/** No other code has the group yet, so it cannot have been closed. */
const openingError = (error: InspectError | GroupClosedError): InspectError =>
  error._tag === 'InspectError' ? error : new InspectError('NotListening', error.message, error)

const close = ({ listening, model }: Open): Task.Task<never, void> =>
  Task.suspend(() => {
    model.stop()
    return stopListening(listening)
  })

/**
 * Serves a page that shows the program at work: the tree of groups and fibers with what each waits for,
 * queues, lives and failures of the last minute, rates. It observes all runtimes of the process from the
 * moment it is opened; the age of what existed before is unknown. It only ever reads.
 *
 * Its `url` holds a random secret, and it listens on this machine alone unless `host` says otherwise. What
 * goes over the wire is not encrypted: to look at a program on another machine, forward the port (and name
 * the forwarded one in `allowedHosts`).
 *
 * Fails with an InspectError where it cannot listen; options that make no sense are a defect. It does not
 * keep the process alive unless `keepAlive` says so, and lives until it is closed: give it to a group, or use
 * it in a `bracket`. It costs a program of 10,000 busy fibers a few per cent, hardly more while somebody
 * looks (docs/benchmarks.md).
 *
 * ```ts no-run
 * import { inspect } from 'aio-ts/inspect'
 * import { runMain } from 'aio-ts/node'
 * import { Task } from 'aio-ts'
 *
 * declare const program: Task.Task<never, void>
 * const watched = Task.bracket(
 *   inspect(),
 *   (inspector) => {
 *     console.error(`look at ${inspector.url}`)
 *     return program
 *   },
 *   (inspector) => inspector.asyncClose()
 * )
 * runMain(watched)
 * ```
 */
export const inspect = (options: InspectOptions = {}): Task.Task<InspectError, Inspector> =>
  Inspector.make(options, readPage(new URL('./page/', import.meta.url)))
