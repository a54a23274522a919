/** The inspector's page in a Chromium, by mouse, keyboard and screen. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Page, Request } from 'playwright-core'
import { describe, expect, test, vi } from 'vitest'
import type { Row, View } from '../../src/inspect/protocol.js'
import { open } from './browser.js'
import { crowd, failures, lives, rows } from './crowd.js'
import { FakeProgram, row, state, treeOf } from './fake-program.js'

// A browser takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000 })

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What a checker of accessibility finds, as `rule: element`. */
const axeFaults = async (page: Page, within = ':root'): Promise<ReadonlyArray<string>> => {
  // By the debugger, which no policy of the page's holds for.
  await page.evaluate(axe)
  return page.evaluate(async (selector) => {
    const { violations } = await (window as unknown as { axe: typeof import('axe-core') }).axe.run(selector)
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`))
  }, within)
}

const grid = (page: Page) => page.getByRole('treegrid')

const line = (page: Page, name: string) =>
  grid(page).getByRole('row', { name: new RegExp(`^\\W*${name}\\b`) })

/** The row that the keys work on, as its text. */
const activeRow = (page: Page) =>
  page.evaluate(() => {
    const id = document.querySelector('[role=treegrid]')?.getAttribute('aria-activedescendant') ?? ''
    return document.getElementById(id)?.querySelector('.name')?.textContent
  })

const asksFor = (program: FakeProgram, wanted: Partial<View>) =>
  expect.poll(() => program.asked.at(-1), { timeout: 8_000 }).toMatchObject(wanted)

describe('the page shows', () => {
  test('the program, its totals, tree, queues and failures', async () => {
    const page = await open(new FakeProgram(crowd(rows(1200), 300)))
    await page.getByRole('heading', { name: 'made-up' }).waitFor()
    expect(await page.title()).toBe('made-up – inspector')
    expect(await page.locator('header').innerText()).toMatch(/process 4711.*Node 20\.19\.0.*up 1 min/s)
    expect(await page.locator('.totals').innerText()).toMatch(
      /fibers\s+1,200.*succeeded\s+123,456\s+failed\s+45/s
    )
    const first = line(page, 'group pool 0')
    expect(await first.getAttribute('aria-expanded')).toBe('true')
    const reader = line(page, 'worker f3')
    expect(await reader.innerText()).toMatch(/#3\s+waiting\s+a promise, in read, in with retries\s+/)
    expect(
      await reader.evaluate((element) =>
        ['level', 'posinset', 'setsize', 'rowindex'].map((name) => element.getAttribute(`aria-${name}`))
      )
    ).toEqual(['2', '3', '499', '5'])
    expect(await grid(page).getAttribute('aria-rowcount')).toBe('1201')
    const meter = page.getByRole('meter', { name: 'Fill of paths' })
    expect(await meter.getAttribute('aria-valuetext')).toBe('8 of 8')
    expect(await page.getByRole('row', { name: /^paths/ }).innerText()).toMatch(
      /8 of 8\s+full\s+0\s+3\s+1,235/
    )
    expect(
      await page
        .getByRole('img', { name: /^Lifetimes of the last minute: 1,200 living, 2,\d+ succeeded/ })
        .count()
    ).toBe(1)
    await page.getByRole('button', { name: 'As a table' }).click()
    expect(await page.getByRole('region', { name: 'Lifetimes by name' }).innerText()).toMatch(
      /worker\s+40\s+0/
    )
    expect(await page.locator('.failures li').count()).toBe(60)
    expect(await page.locator('.failures li').first().innerText()).toMatch(/died\s+fiber #200059\s+TypeError/)
  })

  test('that a program is idle', async () => {
    const page = await open(new FakeProgram())
    await page.getByText('No fiber is alive').waitFor()
    await page.getByText('No queue was made since the inspector was opened.').waitFor()
    await page.getByText('No fiber has failed or died').waitFor()
    await page.getByText('No fiber has run within the last minute.').waitFor()
  })

  test('fibers that wait for each other', async () => {
    const page = await open(new FakeProgram(() => state({ circles: [['left #3', 'right #4']] })))
    const alert = page.getByRole('alert')
    await alert.waitFor()
    expect(await alert.innerText()).toMatch(/A wait cycle:.*left #3 waits for right #4 waits for left #3/s)
  })

  test('a cause, once its failure is opened, which can be copied', async () => {
    const page = await open(new FakeProgram(crowd(rows(10), 10)), {
      permissions: ['clipboard-read', 'clipboard-write']
    })
    const second = page.locator('.failures li').nth(1).getByRole('button').first()
    expect(await second.getAttribute('aria-expanded')).toBe('false')
    await second.click()
    const cause = page.getByRole('region', { name: 'Cause of retry' })
    expect(await cause.innerText()).toBe(`NotFound { path: '/data/58.json' }\n    in read\n    in worker 58`)
    await page.getByRole('button', { name: 'Copy' }).click()
    await page.getByRole('button', { name: 'Copied' }).waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(
      /retry #200058 failed\nNotFound .*\n {4}in read/
    )
    await second.click()
    expect(await cause.count()).toBe(0)
  })
})

describe('the keyboard', () => {
  /** 400 fibers in a group, and one more after it. */
  const tree: ReadonlyArray<Row> = [
    row('g0', {
      kind: 'group',
      name: 'pool',
      state: 'open',
      on: undefined,
      siblings: 2,
      canOpen: true,
      isOpen: true,
      below: 400
    }),
    ...Array.from({ length: 400 }, (_, n) =>
      row(`f${n + 1}`, { depth: 1, place: n + 1, siblings: 400, above: 0 })
    ),
    row('f401', { place: 2, siblings: 2, canOpen: true })
  ]

  test('moves through the tree, to a parent outside of the window, and opens and closes rows', async () => {
    const program = new FakeProgram((view) => state({ tree: treeOf(tree, view) }))
    const page = await open(program)
    await line(page, 'worker f1').waitFor()
    await page.keyboard.press('t')
    const goes = async (key: string, name: string | RegExp) => {
      await page.keyboard.press(key)
      await expect.poll(() => activeRow(page)).toMatch(name)
    }
    await goes('Home', 'pool')
    await goes('ArrowDown', /^worker f1$/)
    // It has no parts.
    await goes('ArrowRight', /^worker f1$/)
    await goes('End', 'worker f401')
    expect(await page.locator('.detail').innerText()).toContain('worker f401')
    await goes('ArrowUp', 'worker f400')
    await goes('PageUp', /^worker f3[6-9]\d$/)
    await goes('ArrowLeft', 'pool')
    await page.keyboard.press('ArrowLeft')
    await asksFor(program, { turned: ['g0'] })
    await page.keyboard.press('Enter')
    await asksFor(program, { turned: [] })
    await goes('End', 'worker f401')
    await page.keyboard.press('ArrowRight')
    await asksFor(program, { turned: ['f401'] })
  })

  test('and the mouse change the query: search, filters, toggled rows', async () => {
    const program = new FakeProgram((view) =>
      state({ tree: treeOf(view.search === 'none' ? [] : tree, view) })
    )
    const page = await open(program)
    await line(page, 'worker f1').waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('queue p')
    await asksFor(program, { search: 'queue p', states: [] })
    await page.getByRole('button', { name: /^waiting/ }).click()
    await page.getByRole('button', { name: /^ready/ }).click()
    await asksFor(program, { search: 'queue p', states: ['waiting', 'ready'] })
    await page.getByRole('button', { name: /^waiting/, pressed: true }).click()
    await page.getByRole('searchbox').fill('none')
    await page.getByText('Nothing that is alive now fits').waitFor()
    await page.keyboard.press('Escape')
    await asksFor(program, { search: '', states: ['ready'] })
    await line(page, 'group pool').locator('.twist').click()
    await asksFor(program, { turned: ['g0'] })
  })

  test('shortcuts are listed in a dialog, which can also disable those of one letter', async () => {
    const page = await open(new FakeProgram())
    await page.getByText('No fiber is alive').waitFor()
    await page.keyboard.press('?')
    const dialog = page.getByRole('dialog', { name: 'Keys' })
    await dialog.getByRole('checkbox').uncheck()
    await page.keyboard.press('Escape')
    await dialog.waitFor({ state: 'detached' })
    await page.keyboard.press('p')
    await page.keyboard.press('?')
    expect(await dialog.count()).toBe(0)
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(1)
  })
})

describe('polling', () => {
  test('is paused with the page, except for rows that the user moves to', async () => {
    const program = new FakeProgram(crowd(rows(5000), 10))
    const page = await open(program, { isTimeOurs: true })
    await line(page, 'worker f1').waitFor()
    await page.keyboard.press('Space')
    await page.getByText(/^paused at \d\d:\d\d:\d\d$/).waitFor()
    expect(await page.getByRole('status').innerText()).toBe('Paused')
    // What was under way.
    await page.clock.runFor(1000)
    const before = program.asked.length
    await page.clock.runFor(60_000)
    expect(program.asked.length).toBe(before)
    await grid(page).evaluate((element) => element.scrollTo(0, element.scrollHeight / 2))
    await page.clock.runFor(1000)
    await line(page, 'worker f2501').waitFor()
    expect(program.asked.length).toBeLessThanOrEqual(before + 2)
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.clock.runFor(2000)
    await expect.poll(() => program.asked.length).toBeGreaterThan(before + 2)
  })

  test('is paused while the page is hidden', async () => {
    const program = new FakeProgram()
    const page = await open(program, { isTimeOurs: true })
    await page.getByText('No fiber is alive').waitFor()
    const show = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value: hidden })
        document.dispatchEvent(new Event('visibilitychange'))
      }, isHidden)
    await show(true)
    await page.clock.runFor(1000)
    const before = program.asked.length
    await page.clock.runFor(60_000)
    expect(program.asked.length).toBe(before)
    await show(false)
    await page.clock.runFor(100)
    await expect.poll(() => program.asked.length).toBeGreaterThan(before)
  })

  test('has the interval set by the program, and is immediate after an action of the user', async () => {
    const program = new FakeProgram(() => state({ nextMs: 3_600_000 }))
    const page = await open(program, { isTimeOurs: true })
    await page.getByText('No fiber is alive').waitFor()
    const before = program.asked.length
    await page.clock.runFor(600_000)
    await page.getByRole('button', { name: /^waiting/ }).click()
    await asksFor(program, { states: ['waiting'] })
    expect(program.asked.length).toBe(before + 1)
    program.answer = () => state()
    await page.clock.runFor(3_600_000)
    await expect.poll(() => program.asked.length).toBeGreaterThan(before + 1)
  })

  test('slows down for a program that is gone, and recovers when it is back', async () => {
    const program = new FakeProgram(crowd(rows(50), 10))
    const page = await open(program, { isTimeOurs: true })
    const pending = new Set<Request>()
    page.on('request', (request) => pending.add(request))
    page.on('requestfinished', (request) => pending.delete(request))
    page.on('requestfailed', (request) => pending.delete(request))
    await line(page, 'worker f1').waitFor()
    await program.stop()
    const alert = page.getByRole('alert')
    // An answer that was under way comes first, and only then is the next question asked.
    await expect.poll(() => page.clock.runFor(1000).then(() => alert.isVisible())).toBe(true)
    expect(await alert.innerText()).toMatch(
      /No answer since \d\d:\d\d:\d\d\. The program has ended.*shown here is from then/s
    )
    expect(await line(page, 'worker f1').count()).toBe(1)
    // From here on time passes only where the test lets it: the page must not ask by itself, and so remove the
    // button, while a person is about to press it.
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1000))
    let tries = 0
    page.on('requestfailed', () => tries++)
    for (let second = 0; second < 60; second += 5) await page.clock.runFor(5000)
    await expect.poll(() => pending.size).toBe(0)
    expect(tries).toBeGreaterThan(2)
    expect(tries).toBeLessThan(14)
    await program.start()
    await page.getByRole('button', { name: 'Try now' }).click()
    await page.clock.resume()
    await alert.waitFor({ state: 'detached' })
    await page.getByText('live', { exact: true }).waitFor()
  })

  test('does not repeat what was received, and starts anew for another program', async () => {
    const at = Date.now()
    let told = 10
    let pid = 1
    const program = new FakeProgram((view) => {
      const { program, ...rest } = state({ at })
      return {
        ...rest,
        program: { ...program, pid },
        failures: failures(told, at).filter(({ number }) => number > view.failuresAfter),
        lives: { ...rest.lives, ended: lives(told * 10, at).filter(({ number }) => number > view.livesAfter) }
      }
    })
    const page = await open(program)
    await asksFor(program, { failuresAfter: 10, livesAfter: 100 })
    expect(await page.locator('.failures li').count()).toBe(10)
    told = 500
    await asksFor(program, { failuresAfter: 500, livesAfter: 5000 })
    // No more than the inspector itself keeps.
    await expect.poll(() => page.locator('.failures li').count()).toBe(200)
    pid = 2
    told = 3
    await asksFor(program, { failuresAfter: 3, livesAfter: 30 })
    await expect.poll(() => page.locator('.failures li').count()).toBe(3)
  })
})

describe('data of the program', () => {
  const names = [
    '<img src=x onerror="complain(1)">',
    '<script>complain(2)</script>',
    '"><svg onload=complain(3)>',
    '\u202egnp.exe',
    'two\nlines\r\nand a\ttab\u0000',
    `${'long '.repeat(2000)}end`,
    '👩‍👩‍👧‍👦 family, 日本語, Привет',
    '__proto__',
    '{{constructor.constructor("complain(4)")()}}',
    ''
  ]

  test('is shown as text, on one line each', async () => {
    const program = new FakeProgram((view) =>
      state({
        program: { title: names[0]!, pid: 1, node: names[1]!, startedAt: 0 },
        tree: treeOf(
          names.map((name, n) => row(`f${n}`, { name, on: name, path: [name, name] })),
          view
        ),
        queues: {
          total: names.length,
          rows: names.map((name, id) => ({
            ...{ id, name, size: 1, maxsize: 2, isClosed: false },
            ...{ waitingGets: 0, waitingPuts: 0, rate: 0 }
          }))
        },
        failures: names.map((name, n) => ({
          number: n + 1,
          at: 0,
          fiber: n,
          name,
          outcome: 'died',
          text: `${name}\n${name}`
        })),
        lives: {
          ended: names.map((name, n) => ({
            number: n + 1,
            fiber: n,
            name,
            from: Date.now() - 9,
            to: Date.now(),
            outcome: 'died'
          })),
          living: [],
          left: 0,
          livingLeft: 0
        },
        circles: [names]
      })
    )
    const page = await open(program)
    await page.locator('.failures .line').first().click()
    await page.locator('.failures .line').nth(9).click()
    await page.getByRole('button', { name: 'As a table' }).click()
    await grid(page).getByRole('row').nth(6).click()
    const found = await page.evaluate(() => ({
      strange: [...document.querySelectorAll('#page :is(img, script, iframe, object, a)')].length,
      attributes: [...document.querySelectorAll('#page *')].flatMap((element) =>
        element.getAttributeNames().filter((name) => name.startsWith('on'))
      ),
      heights: [
        ...new Set([...document.querySelectorAll('.there .row')].map((element) => element.clientHeight))
      ].length,
      wide: document.documentElement.scrollWidth > innerWidth,
      longest: Math.max(
        ...[...document.querySelectorAll('#page *')].map(({ children, textContent }) =>
          children.length === 0 ? textContent.length : 0
        )
      )
    }))
    expect(found).toMatchObject({ strange: 0, attributes: [], heights: 1, wide: false })
    // Only an opened cause is long.
    expect(found.longest).toBeLessThan(10_200 * 2)
    expect(await page.getByRole('heading', { level: 1 }).innerText()).toBe(names[0])
    const shown = await page.locator('.there .cell-name .name').allInnerTexts()
    expect(shown.slice(0, 5)).toEqual([...names.slice(0, 3), '\ufffdgnp.exe', 'two⏎lines⏎⏎and a tab\ufffd'])
    expect(shown[5]!.length).toBeLessThan(210)
    expect(await page.locator('.there .cell-name').nth(5).getAttribute('title')).toContain(
      '(10,003 characters)'
    )
  })

  test('of 50,000 fibers is rendered as a few rows, which follow the scroll position', async () => {
    const program = new FakeProgram(crowd(rows(50_000), 5000))
    const page = await open(program)
    await line(page, 'worker f1').waitFor()
    for (const part of [0.2, 0.9, 0.5])
      await grid(page).evaluate((element, to) => element.scrollTo(0, element.scrollHeight * to), part)
    await line(page, 'worker f25003').waitFor()
    expect(await page.locator('.there .row').count()).toBeLessThanOrEqual(120)
    // In the middle of what is seen, and not somewhere on the page.
    const seen = await grid(page).evaluate((element) => {
      const { left, top, height } = element.getBoundingClientRect()
      return document.elementFromPoint(left + 200, top + height / 2)?.closest('.row')?.textContent
    })
    expect(seen).toMatch(/worker f250\d\d/)
    await grid(page).focus()
    await page.keyboard.press('End')
    await expect.poll(() => activeRow(page)).toBe('worker f49999')
    expect(Math.max(...program.asked.map((view) => view.rows))).toBeLessThanOrEqual(120)
    // The work of an answer does not grow with the fibers.
    expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3500)
  })

  test('above the visible rows may change without moving them', async () => {
    const all = rows(3000)
    let added = 0
    const program = new FakeProgram((view) =>
      state({ tree: treeOf([...Array.from({ length: added }, (_, n) => row(`n${n}`)), ...all], view) })
    )
    const page = await open(program)
    await line(page, 'worker f1').waitFor()
    await grid(page).evaluate((element) => element.scrollTo(0, element.scrollHeight / 2))
    const wanted = line(page, 'worker f1510')
    await wanted.waitFor()
    const before = await wanted.boundingBox()
    added = 7
    await expect.poll(() => wanted.getAttribute('aria-rowindex')).toBe(String(1510 + 7 + 2))
    const after = await wanted.boundingBox()
    expect(Math.abs(after!.y - before!.y)).toBeLessThan(2)
  })
})

describe('for every user', () => {
  const program = () =>
    new FakeProgram((view) => ({ ...crowd(rows(600), 200)(view), circles: [['left #3', 'right #4']] }))

  test.each(['light', 'dark'] as const)(
    'a checker of accessibility finds no fault when the page is %s',
    async (colorScheme) => {
      const page = await open(program(), { colorScheme })
      await line(page, 'worker f3').click()
      await page.getByRole('button', { name: /^waiting/ }).click()
      await page.locator('.failures .line').first().click()
      await page.getByRole('button', { name: 'As a table' }).click()
      expect(await axeFaults(page)).toEqual([])
      await page.keyboard.press('?')
      await page.getByRole('dialog').waitFor()
      expect(await axeFaults(page, 'dialog')).toEqual([])
      await page.keyboard.press('Escape')
      await page.keyboard.press('p')
      await page.getByText(/^paused at/).waitFor()
      expect(await axeFaults(page, 'header')).toEqual([])
    }
  )

  test('a chosen theme is kept', async () => {
    const page = await open(program(), { colorScheme: 'dark' })
    const back = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    await page.getByRole('button', { name: 'Theme: system' }).click()
    const light = await back()
    await page.reload()
    await page.getByRole('button', { name: 'Theme: light' }).click()
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark')
    expect(await back()).not.toBe(light)
  })

  // 1280 pixels at 200% are 640.
  test.each([360, 640])('no content overflows a window of %d pixels', async (width) => {
    const page = await open(program(), { viewport: { width, height: 700 } })
    await line(page, 'worker f3').waitFor()
    const wide = await page.evaluate(() => {
      const inScroller = (element: Element) => element.parentElement?.closest('.scroll, pre') !== null
      return [...document.querySelectorAll('#page *')]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !inScroller(element))
        .map((element) => element.outerHTML.slice(0, 100))
    })
    expect(wide).toEqual([])
    expect(await axeFaults(page)).toEqual([])
  })
})
