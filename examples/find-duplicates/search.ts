/**
 * The search as a whole: one walker, a bounded queue, a group of hashers, and a collector.
 *
 *     walker ──candidates──▶ hashers ──digests──▶ collector
 *
 * Both queues are bounded, so whoever is faster waits. The group holds them all together: however the search ends, none
 * of them is left running and no file open.
 */
import { Queue, Task } from 'aio-ts'
import { Catalogue, type Entry } from './catalogue.js'
import type { Digest } from './elsewhere.js'
import { ErrorLog } from './file-error.js'
import { Groups } from './groups.js'
import { bufferSize, type Hashed, makeHasher } from './hash.js'
import type { Findings } from './report.js'
import { newTally } from './tally.js'
import { walk } from './walk.js'

export interface SearchOptions {
  readonly folder: string
  readonly minSize: number
  readonly concurrency: number
}

/** Long, so that the walk is soon done and it is known how much there is to do; a candidate in it is but a number. */
const candidatesAhead = 100_000
const digestsAhead = 1_000

/** Empty; the search fills it. Whoever interrupts the search finds in it what was found until then. */
export const newFindings = (folder: string): Findings => {
  const catalogue = new Catalogue(folder)
  return { folder, catalogue, groups: new Groups(catalogue), errors: new ErrorLog(), tally: newTally() }
}

/** Large files are hashed by `digestLarge`, where it is given. */
export const search = (
  findings: Findings,
  options: SearchOptions,
  digestLarge?: Digest
): Task.Task<never, void> => {
  const { catalogue, groups, errors, tally } = findings
  return Task.orDie(
    // What could still fail is a queue or a group that somebody else has closed, and there is nobody else.
    Task.withGroup(
      (group) =>
        Task.gen(function* () {
          const candidates = yield* Queue.make<Entry>(candidatesAhead, { name: 'candidates' })
          const digests = yield* Queue.make<Hashed>(digestsAhead, { name: 'digests' })

          const walker = walk({
            catalogue,
            errors,
            tally,
            minSize: options.minSize,
            onCandidate: (entry) =>
              Task.suspend(() => {
                tally.expected += catalogue.sizeOf(entry)
                return Task.orDie(candidates.put(entry))
              })
          })
          yield* group.spawn(
            Task.ensuring(
              Task.sync(() => {
                tally.walked = true
                candidates.close()
              })
            )(walker),
            { name: 'walker' }
          )

          const hasherWith = makeHasher({
            catalogue,
            tally,
            onHashed: (hashed) => Task.orDie(digests.put(hashed)),
            onError: (entry, error) => Task.sync(() => errors.note(entry, error)),
            ...(digestLarge === undefined ? {} : { digestLarge })
          })
          const hashers = yield* Task.all(
            Array.from({ length: options.concurrency }, (_, index) =>
              group.spawn(candidates.forEach(hasherWith(Buffer.allocUnsafeSlow(bufferSize))), {
                name: `hasher ${index + 1}`
              })
            )
          )

          const collector = yield* group.spawn(
            digests.forEach((hashed) => Task.sync(() => groups.add(hashed))),
            { name: 'collector' }
          )
          yield* Task.all(hashers.map((hasher) => hasher.join()))
          digests.close()
          yield* collector.join()
        }),
      { name: 'search' }
    )
  )
}
