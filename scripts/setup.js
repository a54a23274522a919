/**
 * Makes a fresh clone ready, and does nothing where all is ready: what `npm start` and `npm test` do first.
 *
 * Whether all is ready is never remembered but looked up: npm's own record of what it installed against the lock file, the
 * text of the sources against the text that the outputs were made of. A step that is interrupted leaves nothing that counts as
 * done: npm's record is removed before it starts, and outputs grow in another folder that takes the old one's place when whole.
 * All chatter goes to stderr.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { withLock } from './lock.js'
import { npm, root, run, Stop } from './process.js'

/** @param {string} path relative to the project */
const read = (path) => readFileSync(join(root, path), 'utf8')

/**
 * What npm's lock files say of a package.
 * @typedef {{ readonly version?: string, readonly integrity?: string, readonly optional?: boolean }} Locked
 */

const record = 'node_modules/.package-lock.json'

/** Whether node_modules holds what package-lock.json asks for. */
export const isInstalled = () => {
  /** @type {Record<string, Locked>} */
  const wanted = JSON.parse(read('package-lock.json')).packages
  /** @type {Record<string, Locked>} */
  let found
  try {
    found = JSON.parse(read(record)).packages
  } catch {
    return false
  }
  return Object.entries(wanted).every(([path, want]) => {
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

export const ensureInstalled = async () => {
  if (isInstalled()) return
  await withLock(async (helpedBy) => {
    if (isInstalled()) return
    console.error('Installing what package-lock.json names ...')
    rmSync(join(root, record), { force: true })
    const [command, args] = npm()
    const { code } = await run(command, [...args, 'ci', '--include=dev', '--no-audit', '--no-fund'], {
      stdout: 'stderr',
      onStart: helpedBy
    })
    if (code !== 0) throw new Stop(`npm ci failed (exit code ${code}): what it said stands above.`)
    if (!isInstalled())
      throw new Stop('npm ci ended well, yet node_modules does not hold what package-lock.json names.')
  })
}

/**
 * Something that the compiler makes.
 * @typedef {object} Output
 * @property {string} name for a person
 * @property {string} folder where it goes
 * @property {string} project the compiler's configuration
 * @property {ReadonlyArray<string>} sources files and folders it is made of
 * @property {() => ReadonlyArray<string>} [entries] where it is entered: what they stand on is put together in few files
 * @property {(folder: string) => Promise<void>} [others] makes what is none of the compiler's
 */

const threadFile = 'node/thread.ts'

/** The inspector's page, for the browser. */
const page = 'inspect/page'

/** @type {Output} */
const library = {
  name: 'the library',
  folder: 'dist',
  project: 'tsconfig.build.json',
  sources: ['src', 'package.json', 'scripts/chunks.js', 'scripts/page.js'],
  entries: () => {
    const { exports } = JSON.parse(read('package.json'))
    const faces = Object.values(exports ?? {}).flatMap((target) =>
      typeof target === 'string' ? [] : [relative('dist', target.default)]
    )
    // Loaded by its path, on a thread of an executor.
    return [...faces, ...(existsSync(join(root, 'src', threadFile)) ? [threadFile.replace(/ts$/, 'js')] : [])]
  },
  others: async (folder) => {
    if (!existsSync(join(root, 'src', page))) return
    const { bundlePage } = await import('./page.js')
    await bundlePage(join(folder, page))
  }
}

/** @type {Output} */
const examples = {
  name: 'the examples',
  folder: '.tmp/examples',
  project: 'tsconfig.examples.json',
  sources: ['examples', 'package.json', 'dist/.made.json']
}

/** What an output was made of, and which files it is; beside them, so that they come and go together. */
const note = '.made.json'

/**
 * Every file below a path, in the order of their names.
 *
 * @param {string} path
 * @returns {ReadonlyArray<string>}
 */
const filesBelow = (path) =>
  readdirSync(join(root, path), { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) =>
      entry.isDirectory() ? filesBelow(`${path}/${entry.name}`) : [`${path}/${entry.name}`]
    )

/** @param {Output} output */
const digestOf = ({ project, sources }) => {
  const hash = createHash('sha256')
  const configurations = ['tsconfig.json', project, 'node_modules/typescript/package.json']
  const files = sources.flatMap((path) => (/\.\w+$/.test(path) ? [path] : filesBelow(path)))
  for (const path of [...configurations, ...files]) {
    const text = existsSync(join(root, path)) ? read(path) : ''
    hash.update(`${path}\0${text.length}\0${text}\0`)
  }
  return hash.digest('hex')
}

/** @param {Output} output */
const isMade = (output) => {
  try {
    const { digest, files } = JSON.parse(read(`${output.folder}/${note}`))
    return (
      digest === digestOf(output) &&
      files.every((/** @type {string} */ path) => existsSync(join(root, output.folder, path)))
    )
  } catch {
    return false
  }
}

/** @param {Output} output */
const make = (output) =>
  withLock(async (helpedBy) => {
    if (isMade(output)) return
    console.error(`Building ${output.name} ...`)
    const target = join(root, output.folder)
    const parent = dirname(target)
    // A sibling, so that source maps made here hold there, and the last step is but a rename.
    const next = join(parent, `.${basename(target)}-next`)
    const old = join(parent, `.${basename(target)}-old`)
    rmSync(next, { recursive: true, force: true })
    rmSync(old, { recursive: true, force: true })
    mkdirSync(next, { recursive: true })
    const digest = digestOf(output)
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { code } = await run(process.execPath, [tsc, '-p', output.project, '--outDir', next], {
      stdout: 'stderr',
      onStart: helpedBy
    })
    if (code !== 0) {
      rmSync(next, { recursive: true, force: true })
      throw new Stop(`Could not build ${output.name}: what the compiler said stands above.`)
    }
    const made = () => filesBelow(relative(root, next)).map((path) => relative(next, join(root, path)))
    const entries = output.entries?.() ?? []
    if (entries.length > 0) {
      // What does it is there only once everything is installed.
      const { putTogether } = await import('./chunks.js')
      await putTogether(next, entries, made())
    }
    await output.others?.(next)
    const files = made()
    writeFileSync(join(next, note), JSON.stringify({ digest, files }))
    if (existsSync(target)) renameSync(target, old)
    renameSync(next, target)
    rmSync(old, { recursive: true, force: true })
  })

export const ensureBuilt = async () => {
  if (!isMade(library)) await make(library)
}

export const ensureExamples = async () => {
  await ensureBuilt()
  if (!isMade(examples)) await make(examples)
}

/** Builds the library anew, whatever is there. */
export const buildAnew = async () => {
  rmSync(join(root, library.folder, note), { force: true })
  await make(library)
}
