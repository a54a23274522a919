/**
 * One seed determines everything: the program, the interleaving and the interruptions. A seed at which an invariant breaks is shrunk by
 * fast-check, and reported with the command that runs it again.
 */
import fc from 'fast-check'
import { play, playOnce } from './play.js'
import { type Setting, setting } from './program.js'
import { playResults, setting as resultsSetting } from './results.js'

export class BrokenInvariantError extends Error {
  readonly _tag = 'BrokenInvariantError' as const
  override readonly name = 'BrokenInvariantError'
}

/** The very same Task value is run again for one seed in so many. */
const seedsPerEcho = 8

const check =
  (isEchoed: boolean) =>
  async (given: Setting): Promise<void> => {
    const task = play(given.program)
    const played = await playOnce(task, given)
    const broken = [...new Set(played.broken)]
    if (isEchoed && broken.length === 0) {
      const again = await playOnce(task, given)
      if (again.log !== played.log)
        broken.push(`2, 25: run again it did\n  ${again.log}\nand not\n  ${played.log}`)
      if (again.schedule !== played.schedule) broken.push(`25: run again it was ${again.schedule}`)
    }
    if (broken.length > 0) throw new BrokenInvariantError(`${broken.join('\n')}\nin ${played.schedule}`)
  }

/** How to run a seed again. */
export const replayLine = (seed: number): string => `npm run soak -- --only model --seeds 1 --seed ${seed}`

const checkResults = async (given: Parameters<typeof playResults>[0]): Promise<void> => {
  const broken = [...new Set(await playResults(given))]
  if (broken.length > 0) throw new BrokenInvariantError(broken.join('\n'))
}

/** Rejects where an invariant breaks, with the smallest program found in which it does, unless nobody wants to know. */
export async function checkSeed(seed: number, isShrunk = true): Promise<void> {
  await checkProperty(fc.asyncProperty(setting, check(seed % seedsPerEcho === 0)), seed, isShrunk)
  await checkProperty(fc.asyncProperty(resultsSetting, checkResults), seed, isShrunk)
}

async function checkProperty<T>(
  property: fc.IAsyncProperty<[T]>,
  seed: number,
  isShrunk: boolean
): Promise<void> {
  const details = await fc.check(property, {
    seed,
    numRuns: 1,
    endOnFailure: !isShrunk,
    interruptAfterTimeLimit: 20_000
  })
  if (!details.failed) return
  const { counterexample, errorInstance } = details
  const thrown = errorInstance instanceof Error ? errorInstance : new Error(String(errorInstance))
  throw new BrokenInvariantError(
    `seed ${seed}: ${thrown.message}\n\n` +
      `${isShrunk ? 'The smallest program found that still does it' : 'The program'}: ${JSON.stringify(counterexample?.[0])}\n\n` +
      `The same seed again: ${replayLine(seed)}`,
    { cause: thrown }
  )
}
