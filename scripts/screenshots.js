/**
 * `npm run screenshots`: the pictures of the inspector in docs/images, made anew from programs at work, in light and in dark.
 *
 * WebP: a third of what the same picture has as PNG.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chromium, chromiumArgs } from './chromium.js'
import { root, Stop } from './process.js'
import { wireit } from './wireit.js'

const folder = 'docs/images'
const mostBytes = 200_000

/** @typedef {import('playwright-core').Page} Page */

/**
 * @typedef {object} Picture
 * @property {string} name
 * @property {ReadonlyArray<string>} program what Node runs; it prints the address of its inspector
 * @property {number} afterMs how long it has been at work by then
 * @property {(page: Page) => Promise<unknown>} look what is done on the page before
 */

/** @type {ReadonlyArray<Picture>} */
const pictures = [
  {
    name: 'find-duplicates',
    program: ['.tmp/examples/find-duplicates/main.js', '--inspect', '/usr'],
    afterMs: 4_000,
    look: async () => {}
  },
  {
    name: '50000-fibers',
    program: ['scripts/screenshots-program.js'],
    afterMs: 65_000,
    look: async (page) => {
      await page.locator('.failures .line', { hasText: 'OutOfStock' }).nth(1).click()
      await page.getByRole('row', { name: /clerk/ }).first().click()
    }
  }
]

/** @param {ReadonlyArray<string>} args */
const start = (args) => {
  const child = spawn(process.execPath, [...args], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  /** @type {Promise<string>} */
  const address = new Promise((resolve, reject) => {
    let text = ''
    /** @param {Buffer} data */
    const read = (data) => {
      text += data
      const found = /http:\/\/127\.0\.0\.1:\d+\/[\w-]+\//.exec(text)
      if (found !== null) resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.on('close', () =>
      reject(new Stop(`${args[0]} ended before it said where its inspector is:\n${text}`))
    )
  })
  return { child, address }
}

/**
 * @param {Page} page
 * @param {string} path
 */
const take = async (page, path) => {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 88 })
  await session.detach()
  writeFileSync(join(root, path), Buffer.from(data, 'base64'))
  const { size } = statSync(join(root, path))
  console.log(`${path}  ${size} bytes`)
  if (size > mostBytes) throw new Stop(`${path} has more than ${mostBytes} bytes.`)
}

/** @param {ReadonlyArray<string>} args names of pictures; all where there are none */
export const main = async (args) => {
  await wireit('build:examples')
  if (chromium === undefined) throw new Stop('This needs a Chromium: see scripts/chromium.js.')
  const { chromium: driver } = await import('playwright-core')
  mkdirSync(join(root, folder), { recursive: true })
  const browser = await driver.launch({ executablePath: chromium, args: [...chromiumArgs] })
  try {
    for (const { name, program, afterMs, look } of pictures) {
      if (args.length > 0 && !args.includes(name)) continue
      const { child, address } = start(program)
      try {
        const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme: 'light' })
        await page.goto(await address)
        await sleep(afterMs)
        await look(page)
        for (const scheme of /** @type {const} */ (['light', 'dark'])) {
          await page.emulateMedia({ colorScheme: scheme })
          // The next answer is drawn in the other colours.
          await sleep(700)
          await take(page, `${folder}/inspector-${name}-${scheme}.webp`)
        }
        await page.close()
      } finally {
        child.kill()
      }
    }
  } finally {
    await browser.close()
  }
  return 0
}
