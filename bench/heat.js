/**
 * One workload, several libraries, each in a process of its own: `node bench/heat.js '{"libraries": [...], ...}'`.
 *
 * They take turns sample by sample. What a machine does besides comes and goes by the second: two processes one after the other may see
 * a fast and a slow one, two samples one after the other hardly. Prints, as one line of JSON, what each has taken, or why it has not.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** @typedef {import('./worker.js').Job} Job */
/** @typedef {import('./worker.js').Taken} Taken */
/** @typedef {{ readonly libraries: ReadonlyArray<string>, readonly job: Job, readonly longestMs: number }} Heat */

const worker = fileURLToPath(new URL('./worker.js', import.meta.url))

/** @param {string} library */
const startOf = (library) => {
  const child = fork(worker, [], {
    execArgv: ['--expose-gc', '--max-old-space-size=12000'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc']
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]) => {
    throw new Error(stderr.match(/^\w*Error: .*$|^.*heap out of memory.*$/m)?.[0] ?? `exit code ${code}`)
  })
  // Asked for only while an answer is waited for.
  ended.catch(() => {})
  /**
   * @param {unknown} asked
   * @param {number} longestMs
   * @returns {Promise<any>}
   */
  const ask = async (asked, longestMs) => {
    /** @type {NodeJS.Timeout | undefined} */
    let timer
    const late = new Promise((_, reject) => {
      timer = setTimeout(() => reject(new Error(`not done after ${longestMs / 1000} s`)), longestMs)
    })
    const answered = once(child, 'message').then(([{ answer, error }]) => {
      if (error !== undefined) throw new Error(error)
      return answer
    })
    child.send(/** @type {import('node:child_process').Serializable} */ (asked))
    try {
      return await Promise.race([answered, ended, late])
    } finally {
      clearTimeout(timer)
    }
  }
  return { library, ask, stop: () => child.kill('SIGKILL') }
}

/**
 * @param {Heat} heat
 * @returns {Promise<Record<string, Taken | string>>} by library
 */
const race = async ({ libraries, job, longestMs }) => {
  /** @type {Record<string, Taken | string>} */
  const results = {}
  const runners = libraries.map((library) => ({
    ...startOf(library),
    n: 0,
    spentMs: 0,
    samples: /** @type {Array<Record<string, number>>} */ ([])
  }))
  /**
   * Nobody who has failed is asked again.
   *
   * @param {(typeof runners)[number]} runner
   * @param {() => Promise<void>} step
   */
  const attempt = async (runner, step) => {
    if (results[runner.library] !== undefined) return
    try {
      await step()
    } catch (thrown) {
      results[runner.library] = thrown instanceof Error ? thrown.message.replace(/^Error: /, '') : `${thrown}`
    }
  }
  for (const runner of runners)
    await attempt(runner, async () => {
      runner.n = await runner.ask({ library: runner.library, job }, longestMs)
    })
  for (let turn = 0; turn < job.samples; turn++)
    for (const runner of runners)
      if (turn === 0 || runner.spentMs < job.sampleMs)
        await attempt(runner, async () => {
          const begun = performance.now()
          runner.samples.push(await runner.ask('sample', longestMs))
          runner.spentMs += performance.now() - begun
        })
  for (const { library, n, samples, stop } of runners) {
    results[library] ??= { n, samples }
    stop()
  }
  return results
}

process.stdout.write(`${JSON.stringify(await race(JSON.parse(process.argv[2] ?? '')))}\n`)
// Whatever a library has left behind is not waited for.
process.exit(0)
