/** The inspector as a Resource: connects the model, the page and the server, and closes them in order. */
import { basename } from 'node:path'
import { pipe } from 'fp-ts/lib/function.js'
import { Group, Resource } from '../concurrency/group.js'
import type { GroupClosedError } from '../data/errors.js'
import * as Task from '../Task.js'
import { Model } from './collect/model.js'
import { InspectError } from './inspect-error.js'
import { checkInspectOptions, type InspectOptions } from './options.js'
import { bracketed, hostsOf, makeToken, tokenTest } from './server/guard.js'
import { type Page, readPage } from './server/page-files.js'
import { type Listening, startListening, stopListening } from './server/server.js'

const loopback = '127.0.0.1'

/**
 * Addresses on which a server can listen but to which a client cannot connect, with the address to connect
 * to.
 */
const wildcards: Readonly<Record<string, string>> = { '0.0.0.0': loopback, '::': '::1' }

interface Open {
  readonly listening: Listening
  readonly model: Model
  readonly url: string
}

/** A running inspector. Closing it ends its open connections at once and leaves nothing behind. */
export class Inspector extends Resource {
  private constructor(
    private readonly group: Group<never>,
    /** The address of the page. It contains the secret, so anyone who has it can open the page. */
    readonly url: string
  ) {
    super()
  }

  /** Opens an inspector. `page` is not read before the options are validated. */
  static make(
    options: InspectOptions,
    page: Task.Task<InspectError, Page>
  ): Task.Task<InspectError, Inspector> {
    const wrong = checkInspectOptions('inspect', options)
    if (wrong !== undefined) return Task.die(wrong)
    return Task.gen(function* () {
      const read = yield* page
      const group = yield* Group.make({ name: 'inspector' })
      const { url } = yield* pipe(
        group.acquire(openInspector(options, read), close),
        Task.mapError(openingError),
        // If it were interrupted after this point, nothing would own the inspector and close it.
        Task.onExit((exit) => (exit._tag === 'Left' ? group.asyncClose() : Task.unit))
      )
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
  return pipe(
    startListening(host, port, keepAlive),
    Task.map((listening) => {
      const model = new Model(title)
      listening.serve({
        page,
        isToken: tokenTest(token),
        hosts: hostsOf(host, listening.port, allowedHosts),
        state: (view) => model.state(view)
      })
      const shown = bracketed(wildcards[host] ?? host)
      return { listening, model, url: `http://${shown}:${listening.port}/${token}/` }
    })
  )
}

/** A GroupClosedError cannot occur here, since nothing else has the group yet and could have closed it. */
const openingError = (error: InspectError | GroupClosedError): InspectError =>
  error._tag === 'InspectError' ? error : new InspectError('NotListening', error.message, error)

const close = ({ listening, model }: Open): Task.Task<never, void> =>
  Task.suspend(() => {
    model.stop()
    return stopListening(listening)
  })

/**
 * Serves a web page that shows the running program: the tree of groups and fibers with what each waits for,
 * queues, the fibers and the failures of the last minute, and rates. The inspector receives the events of all
 * runtimes of the process from when it is opened. It does not know the age of what existed before. It only
 * reads.
 *
 * Its `url` contains a random secret, and it listens on this machine only, unless `host` says otherwise. The
 * connection is not encrypted: to inspect a program on another machine, forward the port, and list the
 * forwarded one in `allowedHosts`.
 *
 * Fails with an InspectError if the server cannot listen or the page's files are missing. Invalid options are
 * a defect. The inspector does not keep the process alive unless `keepAlive` is set, and it stays open until
 * it is closed: acquire it in a group, or use it in a `bracket`. It costs a program of 10,000 busy fibers a
 * few per cent, and hardly more while a page is open (docs/benchmarks.md).
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
