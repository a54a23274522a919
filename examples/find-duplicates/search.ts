/**
 * The search as a whole: one walker, a bounded queue, a group of hashers, and a collector.
 *
 *     walker ──candidates──▶ hashers ──digests──▶ collector
 *
 * Both queues are bounded, so a faster side waits for the slower one. The group holds all of them together: however the
 * search ends, no fiber is left running and no file is left open.
 */
import { type Group, type GroupClosedError, Queue, Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { Catalogue, type Entry } from './catalogue.js'
import type { Digest } from './elsewhere.js'
import { ErrorLog } from './file-error.js'
import { Groups } from './groups.js'
import { bufferSize, type Hashed, makeHasher } from './hash.js'
import { makeReadBuffer } from './read-buffer.js'
import type { Findings } from './report.js'
import { newTally } from './tally.js'
import { walk } from './walk.js'

export interface SearchOptions {
  readonly folder: string
  readonly minSize: number
  readonly concurrency: number
}

/** This queue is long, so that the walk ends early and the progress has a total. A candidate in it is only a number. */
const candidatesAhead = 100_000
const digestsAhead = 1_000

/** No findings yet: the search fills them in place. After an interruption they hold what was found until then. */
export const newFindings = (folder: string): Findings => {
  const catalogue = new Catalogue(folder)
  return { folder, catalogue, groups: new Groups(catalogue), errors: new ErrorLog(), tally: newTally() }
}

/** Fills `findings`. Large files are hashed by `digestLarge`, where it is given. */
export const search = (
  findings: Findings,
  options: SearchOptions,
  digestLarge?: Digest
): Task.Task<never, void> =>
  pipe(
    Task.withGroup((group) => searchIn(group, findings, options, digestLarge), { name: 'search' }),
    // It could only fail because the group is closed too early, which would be a bug.
    Task.orDie
  )

/** The search as fibers of `group`: starts all of them, then waits for their ends in the order in which the data passes them. */
const searchIn = (
  group: Group<never>,
  { catalogue, groups, errors, tally }: Findings,
  options: SearchOptions,
  digestLarge: Digest | undefined
): Task.Task<GroupClosedError, void> =>
  Task.gen(function* () {
    const candidates = yield* Queue.make<Entry>(candidatesAhead, { name: 'candidates' })
    const digests = yield* Queue.make<Hashed>(digestsAhead, { name: 'digests' })

    const walker = pipe(
      walk({
        catalogue,
        errors,
        tally,
        minSize: options.minSize,
        onCandidate: (entry) =>
          Task.suspend(() => {
            tally.expected += catalogue.sizeOf(entry)
            return Task.orDie(candidates.put(entry))
          })
      }),
      Task.ensuring(
        Task.sync(() => {
          tally.walked = true
          candidates.close()
        })
      )
    )
    yield* group.spawn(walker, { name: 'walker' })

    const hasherWith = makeHasher({
      catalogue,
      tally,
      onHashed: (hashed) => Task.orDie(digests.put(hashed)),
      onError: (entry, error) => Task.sync(() => errors.note(entry, error)),
      ...(digestLarge === undefined ? {} : { digestLarge })
    })
    const hashers = yield* Task.all(
      Array.from({ length: options.concurrency }, (_, index) =>
        group.spawn(candidates.forEach(hasherWith(makeReadBuffer(bufferSize))), {
          name: `hasher ${index + 1}`
        })
      )
    )

    const collector = yield* group.spawn(
      digests.forEach((hashed) => Task.sync(() => groups.add(hashed))),
      { name: 'collector' }
    )

    // The hashers end when the walker has closed the candidates and all of them are taken.
    yield* Task.all(hashers.map((hasher) => hasher.join()))
    digests.close()
    yield* collector.join()
  })
