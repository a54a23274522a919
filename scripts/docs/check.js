/**
 * Holds blocks to what they say: all are type-checked in one go against the built package, then the programs among them are
 * run in plain Node, two at a time, and what each shows is compared with its `// =>`.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from '../process.js'
import { agrees, instrument } from './instrument.js'

/** @typedef {import('./blocks.js').Block} Block */
/** @typedef {{ readonly block: Block, readonly faults: ReadonlyArray<string> }} Verdict */

const observer = new URL('./observer.js', import.meta.url).href
const timeoutMs = 20_000

/**
 * @param {Block} block
 * @param {number} line in the block's code, from 0
 */
const placeOf = (block, line) => `${block.file}:${block.origins[line] ?? block.line}`

/**
 * The compiler's messages, by block.
 *
 * @param {ReadonlyArray<Block>} blocks
 * @param {string} folder
 */
const typeCheck = async (blocks, folder) => {
  blocks.forEach((block, index) => {
    writeFileSync(join(folder, `${index}.ts`), block.code.join('\n'))
  })
  const configuration = {
    extends: join(root, 'tsconfig.base.json'),
    compilerOptions: {
      types: ['node'],
      moduleDetection: 'force',
      declaration: false,
      isolatedDeclarations: false,
      noUnusedLocals: false
    },
    include: ['*.ts']
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(configuration))
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const { code, stdout, stderr } = await run(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: folder,
    stdout: 'pipe'
  })
  /** @type {Map<number, Array<string>>} */
  const messages = new Map()
  /** @type {Array<string> | undefined} */
  let last
  for (const line of stdout.split('\n')) {
    const message = /^(\d+)\.ts\((\d+),(\d+)\): (.*)$/.exec(line)
    const block = blocks[Number(message?.[1])]
    if (message !== null && block !== undefined) {
      last = messages.get(Number(message[1])) ?? []
      messages.set(Number(message[1]), last)
      last.push(`${placeOf(block, Number(message[2]) - 1)}:${message[3]} ${message[4]}`)
    } else if (line.startsWith(' ')) last?.push(line)
  }
  if (code !== 0 && messages.size === 0) throw new Error(`The compiler failed: ${stdout}${stderr}`)
  return messages
}

/**
 * @param {Block} block
 * @param {string} path without an ending
 * @returns {Promise<ReadonlyArray<string>>}
 */
const runBlock = async (block, path) => {
  const { program, expectations } = instrument(block.code, observer)
  writeFileSync(`${path}.js`, program)
  const { code, stdout, stderr } = await run(process.execPath, [`${path}.js`], {
    stdout: 'pipe',
    timeoutMs,
    env: { DOCS_NOTES: `${path}.json`, NO_COLOR: '1' }
  })
  const faults = []
  if (code !== block.exitCode) {
    faults.push(
      `${placeOf(block, 0)}: ended with exit code ${code}, not ${block.exitCode}\n${stdout}${stderr}`
    )
  }
  /** @type {Record<number, string>} */
  let notes = {}
  try {
    notes = JSON.parse(readFileSync(`${path}.json`, 'utf8'))
  } catch {
    // It ended before the observer could write: the exit code says so.
  }
  expectations.forEach(({ line, text }, id) => {
    const shown = notes[id]
    const place = placeOf(block, line)
    if (shown === undefined) faults.push(`${place}: was never reached`)
    else if (!agrees(text, shown)) faults.push(`${place}: says ${text}\n  but shows ${shown.trimEnd()}`)
  })
  return faults
}

/**
 * @param {ReadonlyArray<Block>} blocks
 * @returns {Promise<ReadonlyArray<Verdict>>}
 */
export const checkBlocks = async (blocks) => {
  // Inside the project, so that the package's own name leads to its dist.
  mkdirSync(join(root, '.tmp'), { recursive: true })
  const folder = mkdtempSync(join(root, '.tmp/docs-'))
  try {
    const messages = await typeCheck(blocks, folder)
    /** @type {Array<Verdict>} */
    const verdicts = []
    const rest = blocks.entries()
    const worker = async () => {
      for (const [index, block] of rest) {
        const faults = [...(messages.get(index) ?? [])]
        if (block.isRun) {
          const path = join(folder, String(index))
          faults.push(
            ...(await runBlock(block, path).catch((error) => [`${placeOf(block, 0)}: ${error.message}`]))
          )
        }
        verdicts[index] = { block, faults }
      }
    }
    await Promise.all([worker(), worker()])
    return verdicts
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
