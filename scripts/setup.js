/**
 * Installs what package-lock.json names, where that is not yet so. It is ours because it runs before any package is installed.
 *
 * Whether all is installed is not remembered but looked up in npm's own record, which is removed before npm begins: an installation
 * that is interrupted does not count as done. All output goes to stderr.
 */
import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { npm, root, run, Stop } from './process.js'

/**
 * What npm's lock files say of a package.
 * @typedef {{ readonly version?: string, readonly integrity?: string, readonly optional?: boolean }} Locked
 */

const record = join(root, 'node_modules/.package-lock.json')

/** @param {string} path @returns {Record<string, Locked>} */
const packagesIn = (path) => JSON.parse(readFileSync(path, 'utf8')).packages

/** Whether node_modules holds what package-lock.json asks for. */
export const isInstalled = () => {
  if (!existsSync(record)) return false
  const found = packagesIn(record)
  return Object.entries(packagesIn(join(root, 'package-lock.json'))).every(([path, want]) => {
    if (path === '') return true
    const have = found[path]
    // Packages for other machines are optional, and not installed.
    if (have === undefined) return want.optional === true
    return (
      have.version === want.version &&
      have.integrity === want.integrity &&
      existsSync(join(root, path, 'package.json'))
    )
  })
}

const lock = join(root, '.tmp/installing')

/** @typedef {{ readonly id: string, readonly pids: ReadonlyArray<number> }} Owner */

/** @returns {Owner | undefined} */
const ownerOfLock = () => {
  try {
    return JSON.parse(readFileSync(join(lock, 'owner.json'), 'utf8'))
  } catch {
    // It is free, or its owner is just taking it or giving it back.
    return undefined
  }
}

/** @param {number} pid */
const isAlive = (pid) => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** @param {string} from @param {string} to */
const isMoved = (from, to) => {
  try {
    renameSync(from, to)
    return true
  } catch {
    return false
  }
}

/**
 * Runs `body` in one process at a time. The lock is a folder that is put in place by a rename, which the file system refuses where
 * a folder with a file in it exists. The lock of a killed owner is moved to a name made from that owner, and stays there: so only one
 * of the processes that find it can move it, and none can move the next owner's.
 *
 * @param {(helpedBy: (pid: number) => void) => Promise<void>} body names the process that works for it, which keeps the lock if this
 * one is killed
 */
const alone = async (body) => {
  const id = randomUUID()
  const mine = `${lock}-${id}`
  /** @param {string} folder @param {ReadonlyArray<number>} pids */
  const sign = (folder, pids) => {
    writeFileSync(join(folder, 'next.json'), JSON.stringify({ id, pids }))
    renameSync(join(folder, 'next.json'), join(folder, 'owner.json'))
  }
  mkdirSync(mine, { recursive: true })
  sign(mine, [process.pid])
  for (let tries = 0; !isMoved(mine, lock); tries++) {
    const owner = ownerOfLock()
    if (owner !== undefined && !owner.pids.some(isAlive)) isMoved(lock, `${lock}-${owner.id}-killed`)
    else if (tries === 10)
      console.error(
        `Waiting for another terminal, which installs packages here. If there is none, remove ${lock}`
      )
    await sleep(100)
  }
  try {
    await body((pid) => sign(lock, [process.pid, pid]))
  } finally {
    // Moved before it is removed: an empty folder in its place would not keep the next owner's from being removed.
    if (isMoved(lock, mine)) rmSync(mine, { recursive: true })
  }
}

export const ensureInstalled = async () => {
  if (isInstalled()) return
  await alone(async (helpedBy) => {
    if (isInstalled()) return
    console.error('Installing what package-lock.json names ...')
    rmSync(record, { force: true })
    const [command, args] = npm()
    const options = ['--include=dev', '--no-audit', '--no-fund', '--fetch-retries=4']
    const { code } = await run(command, [...args, 'ci', ...options], { stdout: 'stderr', onStart: helpedBy })
    if (code !== 0) throw new Stop(`npm ci failed with exit code ${code}: its messages are above.`)
    if (!isInstalled())
      throw new Stop('npm ci succeeded, but node_modules does not hold what package-lock.json names.')
  })
}
