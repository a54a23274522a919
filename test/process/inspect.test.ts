/** Programs with an inspector, in processes of their own: whether they stay alive, and what is left when they end. */
import { connect } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { Program } from './spawn.js'

const fixture = fileURLToPath(new URL('fixtures/inspect.mjs', import.meta.url))

let started: Array<Program> = []
const start = (name: string): Program => {
  const program = new Program(name, fixture)
  started.push(program)
  return program
}
afterEach(() => {
  for (const program of started) program.stop()
  started = []
})

const urlOf = async (program: Program): Promise<URL> => {
  await program.says('/\n')
  return new URL(program.stdout.trim().split('\n')[0]!)
}

/** Somebody who looks, and does not go away by himself. */
const look = (url: URL): Promise<{ readonly gone: Promise<void> }> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname)
    const gone = new Promise<void>((end) => socket.once('close', () => end()))
    socket.on('error', reject)
    socket.once('data', () => resolve({ gone }))
    socket.once('connect', () =>
      socket.write(`GET ${url.pathname}state HTTP/1.1\r\nHost: ${url.host}\r\n\r\n`)
    )
  })

describe('a program with an inspector', { timeout: 30_000 }, () => {
  it('serves its page, and ends when it is done, though a page is connected', async () => {
    const program = start('ends')
    const url = await urlOf(program)
    const html = await (await fetch(url)).text()
    expect(html).toMatch(/^<!doctype html>/i)
    const { gone } = await look(url)
    // Half a request, which the server would wait for.
    const slow = connect(Number(url.port), url.hostname)
    // The end may come as a reset.
    slow.on('error', () => {})
    const slowIsGone = new Promise<void>((resolve) => slow.once('close', () => resolve()))
    await new Promise<void>((resolve) => slow.write('GET / HTTP/1.1\r\nHost:', () => resolve()))
    const began = performance.now()
    program.child.stdin?.write('\n')
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
    // Far below the 10 seconds that a request may take, far above what a busy machine needs.
    expect(performance.now() - began).toBeLessThan(8000)
    await Promise.all([gone, slowIsGone])
  })

  it('that cannot continue says so, as it would without the inspector', async () => {
    const ended = await start('isStuck').ended
    expect(ended.code).toBe(13)
    expect(ended.stderr).toContain('for nobody')
  })

  it('stays alive for an inspector with keepAlive until Ctrl-C, and then leaves nothing behind', async () => {
    const program = start('staysForTheInspector')
    const url = await urlOf(program)
    const { gone } = await look(url)
    program.kill('SIGINT')
    const ended = await program.ended
    expect(ended).toMatchObject({ code: 130, stderr: '' })
    expect(ended.stdout).toContain('closed')
    await gone
    await expect(fetch(url)).rejects.toThrow()
  })

  it('closes it with its group', async () => {
    expect(await start('closesItWithItsGroup').ended).toMatchObject({ code: 0, stderr: '' })
  })
})
