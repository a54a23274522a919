/**
 * Runs a task of the `wireit` section of package.json. It is ours because the commands that people type (`scripts` in package.json)
 * cannot be `wireit` itself, which a fresh clone does not have.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { root, run, Stop } from './process.js'

const program = join(root, 'node_modules/wireit/bin/wireit.js')

/** @param {string} task */
const environmentOf = (task) => ({
  // What `npm run` would say to it; npm itself takes longer to start than wireit.
  npm_lifecycle_event: task,
  npm_package_json: join(root, 'package.json'),
  npm_config_user_agent: 'npm/',
  WIREIT_PARALLEL: process.env.WIREIT_PARALLEL ?? String(availableParallelism()),
  // wireit compares with the last run in any case. Its store of earlier outputs is not safe: a copy that a kill cut short counts as
  // whole, and of two processes that finish the same task without outputs one fails.
  WIREIT_CACHE: 'none',
  WIREIT_FAILURES: 'continue',
  // Not that of a task whose command is to run another task: it would begin the log anew.
  WIREIT_DEBUG_LOG_FILE: ''
})

/** `npm start --silent` asks for the result of the program and nothing else. */
const isSilent = process.env.npm_config_loglevel === 'silent'

/**
 * Sees to it that a task is done. Nothing is written to stdout, which is for the results of the caller.
 *
 * @param {string} task
 * @param {{ readonly isQuiet?: boolean }} [options] whether to write only if it fails
 */
export const wireit = async (task, { isQuiet = isSilent } = {}) => {
  const { code, stdout, stderr } = await run(process.execPath, [program], {
    env: environmentOf(task),
    stdout: isQuiet ? 'pipe' : 'stderr'
  })
  if (code === 0) return
  process.stderr.write(stdout + stderr)
  throw new Stop(`${task} failed: its messages are above.`)
}

/** @typedef {{ readonly command?: string, readonly dependencies?: ReadonlyArray<string> }} Task */

/** @returns {Record<string, Task>} */
const tasks = () => JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).wireit

/** The tasks with a command that belong to a task, itself included. @param {string} task @returns {ReadonlyArray<string>} */
const commandsOf = (task) => {
  const { command, dependencies = [] } = tasks()[task] ?? {}
  return [...new Set([...dependencies.flatMap(commandsOf), ...(command === undefined ? [] : [task])])]
}

/**
 * Runs all that belongs to a task, goes on after a failure, and tells the outcome of each part. Passed is only what wireit's log says
 * has passed; what was not run, since what it depends on failed, has not.
 *
 * @param {string} task
 * @returns {Promise<ReadonlyArray<import('./steps.js').Outcome>>}
 */
export const outcomesOf = async (task) => {
  console.log(`\n== ${task}`)
  const folder = mkdtempSync(join(tmpdir(), 'aio-ts-wireit-'))
  try {
    const log = join(folder, 'log')
    const { code } = await run(process.execPath, [program], {
      env: { ...environmentOf(task), WIREIT_DEBUG_LOG_FILE: log }
    })
    const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
    const passed = new Set(
      [...text.matchAll(/^✅ \[(.+)\] (?:Executed successfully|Already fresh)$/gm)].map(([, name]) => name)
    )
    const outcomes = commandsOf(task).map((name) => ({ name, passed: passed.has(name) }))
    for (const { name, passed } of outcomes) console.log(`${passed ? 'ok' : 'FAILED'}: ${name}`)
    const isExplained = code === 0 || outcomes.some(({ passed }) => !passed)
    return isExplained ? outcomes : [...outcomes, { name: task, passed: false }]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** @param {ReadonlyArray<string>} args a task, and what its command is given in addition */
export const main = async ([task = '', ...args]) =>
  (await run(process.execPath, [program, ...args], { env: environmentOf(task) })).code
