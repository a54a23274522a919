/**
 * Measures that are taken in several processes: on which processor the system wakes whom, and what V8 compiles how, holds for as long as
 * a process lives, so that one alone says 0.9 where the next says 1.3.
 */
import { run, Stop } from '../scripts/process.js'

/** In how many processes a probe is run. @param {boolean} isQuick @param {number} most */
export const processesOf = (isQuick, most) => (isQuick ? 1 : most)

/**
 * What the probe in `file` has printed as JSON, in each of so many processes, one after the other.
 *
 * @template A
 * @param {string} file
 * @param {ReadonlyArray<string>} args
 * @param {{ what: string, processes: number, timeoutMs: number, tell: (what: string) => void }} plan
 * @returns {Promise<ReadonlyArray<A>>}
 */
export const probe = async (file, args, { what, processes, timeoutMs, tell }) => {
  const found = []
  for (let round = 1; round <= processes; round++) {
    tell(`${what} (${round} of ${processes})`)
    const { code, stdout, stderr } = await run(process.execPath, [file, ...args], {
      stdout: 'pipe',
      timeoutMs
    })
    if (code !== 0) throw new Stop(`This could not be measured: ${what}\n${stderr}`)
    found.push(JSON.parse(stdout))
  }
  return found
}
