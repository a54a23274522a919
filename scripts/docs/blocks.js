/**
 * Finds the TypeScript blocks of the Markdown pages and of the docstrings.
 *
 *     ```ts             a whole program: type-checked, run, and held to its `// =>`
 *     ```ts continues   the same, behind the text of the block before it in the same file
 *     ```ts no-run      type-checked only
 *     ```ts exit=1      a whole program that ends with that exit code
 *     ```text           nothing
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/**
 * @typedef {object} Block
 * @property {string} file its path, relative to the project
 * @property {number} line the line of its first line of code, from 1
 * @property {ReadonlyArray<string>} code
 * @property {ReadonlyArray<number>} origins for each line of code, its line in `file`
 * @property {boolean} isRun
 * @property {number} exitCode
 */

const knownWords = /^(?:continues|no-run|exit=\d+)$/

/**
 * @param {string} text
 * @param {string} file
 * @param {number} [firstLine] the line in `file` of the first line of `text`
 * @returns {ReadonlyArray<Block>}
 */
export const blocksOfMarkdown = (text, file, firstLine = 1) => {
  /** @type {Array<Block>} */
  const blocks = []
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(lines[at] ?? '')
    if (fence === null) continue
    const [, indent = '', ticks = '', info = ''] = fence
    const begin = at + 1
    const isEnd = (/** @type {string} */ line) => line.trim().startsWith(ticks) && /^[`~]+$/.test(line.trim())
    for (at = begin; at < lines.length && !isEnd(lines[at] ?? ''); at++);
    const [language, ...words] = info.trim().split(/\s+/)
    if (language !== 'ts' && language !== 'typescript') continue
    const place = `${file}:${firstLine + begin - 1}`
    const strange = words.find((word) => !knownWords.test(word))
    if (strange !== undefined)
      throw new Error(`${place}: a block of ts knows no '${strange}' (see scripts/docs/blocks.js)`)
    const before = words.includes('continues') ? blocks.at(-1) : undefined
    if (words.includes('continues') && before === undefined)
      throw new Error(`${place}: no block that this one could continue`)
    const own = lines
      .slice(begin, at)
      .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()))
    const exit = words.find((word) => word.startsWith('exit='))
    blocks.push({
      file,
      line: firstLine + begin,
      code: [...(before?.code ?? []), ...own],
      origins: [...(before?.origins ?? []), ...own.map((_, index) => firstLine + begin + index)],
      isRun: !words.includes('no-run'),
      exitCode: exit === undefined ? 0 : Number(exit.slice('exit='.length))
    })
  }
  return blocks
}

/**
 * @param {string} text
 * @param {string} file
 * @returns {ReadonlyArray<Block>}
 */
export const blocksOfSource = (text, file) =>
  [...text.matchAll(/\/\*\*[\s\S]*?\*\//g)].flatMap((comment) => {
    const firstLine = text.slice(0, comment.index).split('\n').length
    const plain = comment[0]
      .replace(/\*\/$/, '')
      .split('\n')
      .map((line) => line.replace(/^\s*(?:\/\*\*|\*) ?/, ''))
      .join('\n')
    return blocksOfMarkdown(plain, file, firstLine)
  })

/**
 * Every block of README.md, docs/ and src/.
 *
 * @param {string} root
 * @returns {ReadonlyArray<Block>}
 */
export const findBlocks = (root) => {
  /**
   * @param {string} folder
   * @param {string} ending
   */
  const filesOf = (folder, ending) =>
    existsSync(join(root, folder))
      ? readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
          .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
          .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
          .sort()
      : []
  const read = (/** @type {string} */ file) => readFileSync(join(root, file), 'utf8')
  const pages = [...(existsSync(join(root, 'README.md')) ? ['README.md'] : []), ...filesOf('docs', '.md')]
  return [
    ...pages.flatMap((file) => blocksOfMarkdown(read(file), file)),
    ...filesOf('src', '.ts').flatMap((file) => blocksOfSource(read(file), file))
  ]
}
