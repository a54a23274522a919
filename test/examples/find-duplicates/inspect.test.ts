/** `--inspect`: the same result, and the inspector's page until Ctrl-C. */
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { State } from 'aio-ts/inspect'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseOptions } from '../../../examples/find-duplicates/options.js'
import { build, buildTimeout, makeFolder, outcomeOf, program, runProgram, writeFiles } from './support.js'

const { folder, remove } = makeFolder()

beforeAll(async () => {
  await build()
  writeFiles(folder, { 'tree/1': 'same', 'tree/2': 'same', 'tree/3': 'other', 'tree/below/4': 'same' })
}, buildTimeout)
afterAll(remove)

let children: Array<ChildProcess> = []
afterEach(() => {
  for (const child of children) child.kill('SIGKILL')
  children = []
})

/** Until stderr has said `text`. */
const says = (child: ChildProcess, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let all = ''
    child.stderr?.on('data', (data: Buffer) => {
      all += data
      if (all.includes(text)) resolve(all)
    })
    child.once('close', () => reject(new Error(`ended before it said "${text}":\n${all}`)))
  })

describe('--inspect', () => {
  it('prints the result and stays, with its address on stderr, until Ctrl-C', async () => {
    const child = spawn(process.execPath, [program, '--inspect', '--json', 'tree'], { cwd: folder })
    children.push(child)
    const [ended, over] = [outcomeOf(child), says(child, 'until Ctrl-C')]
    const url = /inspector: (http:\S+)/.exec(await over)?.[1] ?? ''
    expect(await (await fetch(url)).text()).toMatch(/^<!doctype html>/i)
    const state = (await (await fetch(`${url}state`)).json()) as State
    expect(state.program.title).toBe('find-duplicates')
    expect(state.tree.rows.map(({ path }) => path)).toContainEqual(['until Ctrl-C'])
    // The search is over, so the collector may have taken its queues.
    for (const { name, isClosed } of state.queues.rows) {
      expect(['candidates', 'digests']).toContain(name)
      expect(isClosed).toBe(true)
    }
    const names = state.lives.ended.map(({ name }) => name)
    for (const name of ['walker', 'hasher 1', 'collector', 'progress']) expect(names).toContain(name)
    child.kill('SIGINT')
    const outcome = await ended
    expect(outcome).toMatchObject({ code: 0, signal: null })
    const plain = await runProgram(['--json', 'tree'], folder)
    expect(outcome.stdout.toString()).toBe(plain.stdout.toString())
    expect(plain.stdout.toString()).toContain('tree/2')
  }, 60_000)

  it('with a port that is taken says so, and searches nothing', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const { port } = other.address() as AddressInfo
    const outcome = await runProgram([`--inspect=${port}`, 'tree'], folder)
    await new Promise((resolve) => other.close(resolve))
    expect(outcome.code).toBe(1)
    expect(outcome.stdout.toString()).toBe('')
    expect(outcome.stderr).toContain(`error: port ${port} of 127.0.0.1 is taken`)
  }, 60_000)

  it('takes a port or none, and does not take the folder for a port', () => {
    const asked = (...words: ReadonlyArray<string>) => {
      const parsed = parseOptions(words)
      if (Either.isLeft(parsed) || parsed.right._tag !== 'Search') throw new Error('no search')
      return [parsed.right.options.inspect, parsed.right.options.folder]
    }
    expect(asked('tree')).toEqual([undefined, 'tree'])
    expect(asked('--inspect', 'tree')).toEqual([0, 'tree'])
    expect(asked('tree', '--inspect')).toEqual([0, 'tree'])
    expect(asked('--inspect', '8080', 'tree')).toEqual([8080, 'tree'])
    expect(asked('--inspect=8080', 'tree')).toEqual([8080, 'tree'])
    expect(asked('--inspect', '-q', '--', 'tree')).toEqual([0, 'tree'])
    expect(asked('--', '--inspect')).toEqual([undefined, '--inspect'])
    for (const words of [['--inspect=x'], ['--inspect=70000'], ['--inspect', '--serve', 'redis://x']]) {
      expect(parseOptions(words), words.join(' ')).toMatchObject(Either.left({ _tag: 'UsageError' }))
    }
  })
})
