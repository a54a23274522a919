/** Which requests the inspector answers, how, and which it refuses. */
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { InspectError, inspect } from 'aio-ts/inspect'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, test } from 'vitest'
import { addHooks, Group, runTask, runTaskExit, Task } from '../../../src/index.js'
import { readPage } from '../../../src/inspect/server/page-files.js'
import { hookDispatcher } from '../../../src/runtime/hooks.js'
import { Die, Fail, failure, failureOf, Interrupt, leftOf, summary } from '../../support/exits.js'
import { ask, atEnd, inspectHere, open, stateOf } from '../support.js'

const portOf = ({ url }: { readonly url: string }): number => Number(new URL(url).port)

describe('the page', () => {
  test('has parts that are served with their types', async () => {
    const inspector = await open()
    expect(inspector.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/[\w-]{22}\/$/)
    const answers = await Promise.all(
      ['', 'page.js', 'page.css', 'state'].map((path) => ask(inspector, path))
    )
    expect(answers.map(({ status, headers }) => [status, headers['content-type']])).toEqual([
      [200, 'text/html; charset=utf-8'],
      [200, 'text/javascript; charset=utf-8'],
      [200, 'text/css; charset=utf-8'],
      [200, 'application/json']
    ])
    expect(answers[0]!.body).toContain('<title>page</title>')
  })

  test('has its own secret in each inspector', async () => {
    const [one, two] = [await open(), await open()]
    expect(new URL(one!.url).pathname).not.toBe(new URL(two!.url).pathname)
    expect((await ask(one!, `${new URL(two!.url).pathname}state`)).status).toBe(404)
    expect((await ask(two!, 'state')).status).toBe(200)
  })

  test('that is missing is an error that says so', async () => {
    const exit = await runTaskExit(readPage(new URL('file:///nowhere/page/')))
    expect(summary(exit)).toMatchObject(failure(Fail({ problem: 'PageMissing' })))
    expect(String(failureOf(exit))).toContain('npm run build')
  })

  test('answers HEAD as GET, without the body', async () => {
    const inspector = await open()
    for (const path of ['', 'state']) {
      const answer = await ask(inspector, path, { method: 'HEAD' })
      expect(answer).toMatchObject({ status: 200, body: '' })
      expect(Number(answer.headers['content-length'])).toBeGreaterThan(10)
    }
  })

  test('may load, run and send only its own resources, and cannot be framed, cached or read by others', async () => {
    const inspector = await open()
    const wrong = { headers: { Host: 'evil.example' } }
    for (const [path, options] of [
      ['', {}],
      ['state', {}],
      ['nothing', {}],
      ['', wrong]
    ] as const) {
      const { headers } = await ask(inspector, path, options)
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'cache-control': 'no-store',
        'cross-origin-resource-policy': 'same-origin',
        'cross-origin-opener-policy': 'same-origin'
      })
      expect(String(headers['content-security-policy']).split('; ')).toEqual([
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        'img-src data:',
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'"
      ])
      expect(headers['access-control-allow-origin']).toBeUndefined()
    }
  })
})

describe('a request', () => {
  test('with a wrong secret, a wrong path, or both has the same answer', async () => {
    const inspector = await open()
    const { pathname } = new URL(inspector.url)
    const token = pathname.slice(1, -1)
    const near = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
    const paths = [
      '/',
      '',
      '/state',
      '//state',
      `/${token}`,
      `/${near}/`,
      `/${near}/state`,
      `/${token.toLowerCase()}x/state`,
      `/${token}/states`,
      `/${token}/state/`,
      `/${token}//state`,
      `/${token}/../${token}/state`,
      `/${token}/%73tate`,
      `/${token}/index.html`,
      `/${token}/__proto__`,
      `/${token}/constructor`,
      `/${token}/..%2f..%2fetc%2fpasswd`,
      `/favicon.ico`,
      `http://127.0.0.1/${token}/state`
    ]
    const answers = await Promise.all(
      paths.map((path) => ask(inspector, path === '' ? '//' : path.startsWith('http') ? `/?${path}` : path))
    )
    expect(new Set(answers.map(({ status, body }) => `${status} ${body}`))).toEqual(
      new Set(['404 There is nothing here.\n'])
    )
  })

  test('with a wrong secret does not reveal whether the method is allowed', async () => {
    const inspector = await open()
    expect((await ask(inspector, '/wrong/state', { method: 'POST' })).status).toBe(404)
  })

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'])(
    'changes nothing: %s is refused',
    async (method) => {
      const inspector = await open()
      for (const path of ['', 'state', 'page.js']) {
        const answer = await ask(inspector, path, { method, body: method === 'POST' ? 'x'.repeat(100) : '' })
        expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD', connection: 'close' } })
      }
    }
  )

  test('by a foreign host name (DNS rebinding) is refused, with and without the secret', async () => {
    const inspector = await open()
    const port = portOf(inspector)
    const strange = [
      'evil.example',
      `evil.example:${port}`,
      '127.0.0.1',
      'localhost',
      `127.0.0.1:${port + 1}`,
      `127.0.0.1:${port}.evil.example`,
      `localhost.evil.example:${port}`,
      `127.0.0.1:${port}@evil.example`,
      `[::ffff:127.0.0.1]:${port}`,
      `2130706433:${port}`
    ]
    for (const host of strange) {
      for (const path of ['', 'state', '/']) {
        expect((await ask(inspector, path, { headers: { Host: host } })).status, `${host} ${path}`).toBe(403)
      }
    }
  })

  test('by each of our host names is answered', async () => {
    const inspector = await open({ allowedHosts: ['Box.local:9000', 'plain.local'] })
    const port = portOf(inspector)
    for (const host of [
      `127.0.0.1:${port}`,
      `localhost:${port}`,
      `LOCALHOST:${port}`,
      `[::1]:${port}`,
      'box.local:9000',
      'plain.local'
    ]) {
      expect((await ask(inspector, 'state', { headers: { Host: host } })).status, host).toBe(200)
    }
    expect((await ask(inspector, 'state', { headers: { Host: 'box.local' } })).status).toBe(403)
  })

  test('from a page of another origin is refused', async () => {
    const inspector = await open()
    const port = portOf(inspector)
    const statusFrom = async (origin: string) =>
      (await ask(inspector, 'state', { headers: { Origin: origin } })).status
    for (const origin of [
      'http://evil.example',
      'null',
      '',
      'http://127.0.0.1',
      `http://127.0.0.1:${port + 1}`,
      `http://127.0.0.1:${port}/`,
      `http://127.0.0.1:${port}.evil.example`,
      `file://127.0.0.1:${port}`
    ]) {
      expect(await statusFrom(origin), origin).toBe(403)
    }
    expect(await statusFrom(`http://127.0.0.1:${port}`)).toBe(200)
    expect(await statusFrom(`http://localhost:${port}`)).toBe(200)
  })

  test('with two hosts is refused', async () => {
    const inspector = await open()
    const { pathname, host } = new URL(inspector.url)
    const text = await rawAnswer(
      inspector,
      `GET ${pathname}state HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n`
    )
    expect(text).toMatch(/^HTTP\/1\.1 40[03] /)
  })

  test('without a host is refused', async () => {
    const inspector = await open()
    const { pathname } = new URL(inspector.url)
    const text = await rawAnswer(inspector, `GET ${pathname}state HTTP/1.0\r\n\r\n`)
    expect(text).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('with an absolute address is refused', async () => {
    const inspector = await open()
    const { host, href } = new URL(inspector.url)
    const text = await rawAnswer(
      inspector,
      `GET ${href}state HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    )
    expect(text).toMatch(/^HTTP\/1\.1 404 /)
  })
})

/** What comes back for `text`, until the other side ends. */
const rawAnswer = (inspector: { readonly url: string }, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(portOf(inspector), '127.0.0.1', () => socket.write(text))
    socket.setEncoding('utf8')
    socket.on('data', (part: string) => {
      answer += part
    })
    socket.on('error', reject)
    socket.on('close', () => resolve(answer))
  })

describe('a query', () => {
  test.each([
    'from=-1',
    'from=NaN',
    'from=1e9',
    'from=1.5',
    'from=',
    'from=Infinity',
    'rows=-1',
    'rows=%00',
    'failuresAfter=x',
    'livesAfter=99999999999999999999',
    'states=asleep',
    'states=waiting,,ready',
    'states=__proto__',
    `search=${'x'.repeat(201)}`,
    `turned=${Array.from({ length: 1001 }, (_, index) => `g${index}`).join()}`
  ])('that is invalid is refused with a message: %s', async (query) => {
    const inspector = await open()
    expect(await ask(inspector, `state?${query}`)).toMatchObject({
      status: 400,
      headers: { 'content-type': 'text/plain; charset=utf-8' },
      body: expect.stringContaining('The query makes no sense')
    })
  })

  test.each([
    '',
    'from=999999999999&rows=60',
    'rows=999999999',
    'rows=0',
    'turned=__proto__,constructor,%00,g%2C,f999999',
    `turned=${Array.from({ length: 1000 }, (_, index) => `f${index}`).join()}`,
    'search=%ff%fe',
    'search=__proto__',
    'search=(a%2B)%2B%24',
    '__proto__=1&constructor=2&hasOwnProperty=3',
    'from=0&from=-1',
    'states=waiting,waiting,ready,running',
    'failuresAfter=5000&livesAfter=5000'
  ])('that is unusual, or requests too much, is answered: %s', async (query) => {
    const inspector = await open()
    const answer = await ask(inspector, `state?${query}`)
    expect(answer).toMatchObject({ status: 200, headers: { 'content-type': 'application/json' } })
    expect(JSON.parse(answer.body).tree.rows.length).toBeLessThanOrEqual(500)
  })

  test('that is very long is refused', async () => {
    const inspector = await open()
    expect((await ask(inspector, `state?search=${'x'.repeat(9000)}`)).status).toBe(414)
    expect((await ask(inspector, 'state', { headers: { 'X-Long': 'x'.repeat(20_000) } })).status).toBe(431)
  })
})

describe('options', () => {
  test.each([
    ['no object', 'a'],
    ['a port that is none', { port: 70_000 }],
    ['a port that is no whole number', { port: 1.5 }],
    ['a host that is none', { host: '' }],
    ['an allowed host that is an address', { allowedHosts: ['http://box.local/'] }],
    ['allowed hosts that are no list', { allowedHosts: 'box.local' }],
    ['a token that is short', { token: 'secret' }],
    ['a token that is invalid in an address', { token: '0123456789abcdef/' }],
    ['a title that is none', { title: 7 }],
    ['keepAlive that is neither', { keepAlive: 'no' }]
  ])('%s are a defect that says so', async (_, options) => {
    const exit = await runTaskExit(inspect(options as never))
    expect(summary(exit)).toMatchObject(
      failure(Die({ message: expect.stringMatching(/^inspect: expected /) }))
    )
    expect(JSON.stringify(exit)).not.toContain('0123456789abcdef')
  })

  test('may set the secret, the title and the address', async () => {
    const inspector = await open({ token: 'abcdefghijklmnop', title: 'the shop', host: 'localhost' })
    expect(inspector.url).toMatch(/^http:\/\/localhost:\d+\/abcdefghijklmnop\/$/)
    expect((await stateOf(inspector)).program).toMatchObject({ title: 'the shop', pid: process.pid })
  })

  test('that allow the whole network show an address that this machine can open', async () => {
    const inspector = await open({ host: '0.0.0.0' })
    expect(new URL(inspector.url).hostname).toBe('127.0.0.1')
    expect((await ask(inspector, 'state')).status).toBe(200)
  })
})

describe('an address that cannot be opened', () => {
  const problemOf = async (options: Parameters<typeof inspectHere>[0]) => {
    const result = await runTask(inspectHere(options))
    const error = leftOf(result)
    expect(error).toBeInstanceOf(InspectError)
    return error
  }

  test('may have a port in use', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    atEnd(() => new Promise((resolve) => other.close(resolve)))
    const { port } = other.address() as AddressInfo
    const error = await problemOf({ port })
    expect(error).toMatchObject({ _tag: 'InspectError', problem: 'PortInUse' })
    expect(error.message).toContain(`port ${port} of 127.0.0.1 is taken`)
    expect(hookDispatcher.bound).toBeUndefined()
  })

  test('may be that of another machine', async () => {
    // TEST-NET-1: belongs to nobody.
    expect(await problemOf({ host: '192.0.2.1' })).toMatchObject({ problem: 'HostUnknown' })
  })
})

describe('closing', () => {
  test('removes the hooks and the listener, also twice', async () => {
    expect(hookDispatcher.bound).toBeUndefined()
    const inspector = await open()
    expect(hookDispatcher.bound).toBeDefined()
    expect(inspector.isOpen).toBe(true)
    await runTask(inspector.asyncClose())
    expect(inspector.isClosed).toBe(true)
    expect(hookDispatcher.bound).toBeUndefined()
    await runTask(inspector.asyncClose())
    await expect(ask(inspector, 'state')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    const again = await open({ port: portOf(inspector) })
    expect(portOf(again)).toBe(portOf(inspector))
  })

  test('one of two leaves the other', async () => {
    const [one, two] = [await open(), await open()]
    await runTask(one!.asyncClose())
    expect((await stateOf(two!)).version).toBe(1)
    expect(hookDispatcher.bound).toBeDefined()
  })

  test('does not wait for a client that is slow to send, to read, or to close', async () => {
    const inspector = await open()
    const { pathname, host } = new URL(inspector.url)
    const ended: Array<Promise<string>> = [
      `GET ${pathname}state HTTP/1.1\r\nHost:`,
      `POST ${pathname}state HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100\r\n\r\nx`,
      `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    ].map((text) => rawAnswer(inspector, text))
    // The last of them was answered, so that the connections are there.
    await ask(inspector, '')
    await runTask(inspector.asyncClose())
    expect(await Promise.all(ended)).toHaveLength(3)
  })

  test('happens with the group of the inspector', async () => {
    let url = ''
    await runTask(
      Task.gen(function* () {
        const group = yield* Group.make()
        const inspector = yield* group.acquire(inspectHere(), (opened) => opened.asyncClose())
        url = inspector.url
        yield* group.asyncClose()
      })
    )
    await expect(ask({ url }, 'state')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
    expect(hookDispatcher.bound).toBeUndefined()
  })

  test('happens also if the opening fiber is interrupted meanwhile', async () => {
    const controller = new AbortController()
    // Its group is the first thing that there is of it; to listen is out of reach of interruption.
    const remove = addHooks({
      groupOpened: ({ name }) => {
        if (name === 'inspector') controller.abort()
      }
    })
    const closed: Array<string | undefined> = []
    const removeOther = addHooks({ groupClosed: ({ name }) => closed.push(name) })
    const exit = await runTaskExit(inspectHere(), { signal: controller.signal })
    remove()
    removeOther()
    expect(summary(exit)).toMatchObject(failure(Interrupt))
    expect(closed).toEqual(['inspector'])
    expect(hookDispatcher.bound).toBeUndefined()
  })
})

describe('a program with faulty names', () => {
  test('is not affected by a name that throws: the request fails', async () => {
    const inspector = await open()
    const group = new Group()
    const fiber = group.spawnNowait(Task.never, { name: 'fine' })
    if (isLeft(fiber)) throw fiber.left
    Object.defineProperty(fiber.right, 'status', {
      configurable: true,
      value: () => {
        throw new Error('no status')
      }
    })
    const answer = await ask(inspector, 'state')
    expect(answer).toMatchObject({ status: 500, headers: { 'content-type': 'text/plain; charset=utf-8' } })
    expect(answer.body).toContain('no status')
    Reflect.deleteProperty(fiber.right, 'status')
    expect((await ask(inspector, 'state')).status).toBe(200)
    group.close()
    await runTask(group.waitClosed())
  })
})
