/**
 * One at a time: two terminals may say `npm start` in the same fresh clone.
 *
 * The lock is a folder with its owner's name in it, put in place by a rename, which the file system refuses where a folder with
 * something in it stands already. A dead owner's lock is moved away to a name made from that owner, and stays there: of two
 * that find it dead only one can move it, and none can move a living one's lock by mistake.
 */
import { randomUUID } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { root } from './process.js'

const folder = join(root, '.tmp')
const place = join(folder, 'lock')
const keepDeadMs = 60 * 60 * 1000

/** @typedef {{ readonly id: string, readonly pids: ReadonlyArray<number> }} Owner */

/**
 * @param {string} from
 * @param {string} to
 */
const move = (from, to) => {
  try {
    renameSync(from, to)
    return true
  } catch {
    return false
  }
}

/** @returns {Owner | undefined} */
const readOwner = () => {
  try {
    return JSON.parse(readFileSync(join(place, 'owner.json'), 'utf8'))
  } catch {
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

const clearDead = () => {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (name.startsWith('dead-') && statSync(path).mtimeMs < Date.now() - keepDeadMs)
      rmSync(path, { recursive: true })
  }
}

/**
 * Runs `body` while nobody else holds the lock. `body` names the processes that work for it, which keep the lock alive
 * should this one be killed.
 *
 * @template A
 * @param {(helpedBy: (pid: number) => void) => Promise<A>} body
 * @returns {Promise<A>}
 */
export const withLock = async (body) => {
  const id = randomUUID()
  const mine = join(folder, `lock-${id}`)
  /** @param {ReadonlyArray<number>} pids */
  const owner = (pids) => JSON.stringify({ id, pids })
  mkdirSync(mine, { recursive: true })
  writeFileSync(join(mine, 'owner.json'), owner([process.pid]))
  let told = false
  try {
    for (let tries = 0; !move(mine, place); tries++) {
      const other = readOwner()
      if (other !== undefined && !other.pids.some(isAlive)) move(place, join(folder, `dead-${other.id}`))
      else {
        if (!told && tries > 10) {
          told = true
          console.error(
            `Waiting for process ${other?.pids.join(', ')}, which is preparing this folder. If it is none of yours, remove ${place}`
          )
        }
        await sleep(100)
      }
    }
    clearDead()
  } catch (error) {
    rmSync(mine, { recursive: true, force: true })
    throw error
  }
  const pids = [process.pid]
  try {
    return await body((pid) => {
      pids.push(pid)
      const next = join(place, `owner-${pids.length}.json`)
      writeFileSync(next, owner(pids))
      renameSync(next, join(place, 'owner.json'))
    })
  } finally {
    // Moved before it is removed: an empty folder in its place would not be refused to the next one.
    if (existsSync(place) && move(place, mine)) rmSync(mine, { recursive: true, force: true })
  }
}
