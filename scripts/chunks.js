/**
 * The built library in a few files in place of one a source: an ES module costs about a millisecond to find, read and link, however
 * small it is, and `import 'aio-ts'` would need 60 of them.
 *
 * By rollup: it keeps names, comments and namespaces as they are, so that the files read well and other bundlers can still take out
 * what a program does not use.
 */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { rollup } from 'rollup'

/** The modules that are namespaces of `aio-ts`: bundlers look into a namespace only where it is a module of its own. */
const namespaces = ['Task.js', 'Schedule.js', 'data/cause.js', 'data/exit.js']

/** `export * as Task from './Task.js'`, as a line of its own. */
const namespace = /^export \* as \w+ from '[^']+';?$/gm

/** What all entries stand on, in rooms that are loaded together. */
const rooms = /** @type {const} */ ([
  ['data', ['data']],
  ['jobs', ['executor']],
  ['core', ['core', 'runtime', 'task', 'coordination', 'concurrency']]
])

/**
 * @param {string} folder
 * @param {string} path
 */
const roomOf = (folder, path) => {
  const [first] = path.slice(folder.length + 1).split(/[\\/]/)
  if (/[\\/]task[\\/]schedule\.js$/.test(path)) return 'scheduling'
  return rooms.find(([, folders]) => folders.some((name) => name === first))?.[0]
}

/**
 * Puts together what the compiler has made in `folder`.
 *
 * @param {string} folder
 * @param {string} target the folder for the result
 * @param {ReadonlyArray<string>} entries relative to both
 */
export const putTogether = async (folder, target, entries) => {
  // What a bundler would make an object of, it may not see.
  const kept = entries.flatMap((path) => {
    const lines = readFileSync(join(folder, path), 'utf8').match(namespace) ?? []
    return lines.length === 0 ? [] : [/** @type {const} */ ([path, lines])]
  })
  const bundle = await rollup({
    input: Object.fromEntries(
      [...new Set([...entries, ...namespaces])].map((path) => [path.replace(/\.js$/, ''), join(folder, path)])
    ),
    external: (id) => !id.startsWith('.') && !id.startsWith(folder),
    preserveEntrySignatures: 'strict',
    plugins: [
      {
        name: 'without namespaces, with the source maps of the compiler',
        load: (id) => ({
          code: readFileSync(id, 'utf8')
            .replace(/^\/\/# sourceMappingURL=.*$/m, '')
            .replace(namespace, ''),
          map: JSON.parse(readFileSync(`${id}.map`, 'utf8'))
        })
      }
    ]
  })
  const { output } = await bundle.write({
    dir: target,
    format: 'es',
    sourcemap: true,
    generatedCode: 'es2015',
    hoistTransitiveImports: false,
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    minifyInternalExports: false,
    // Otherwise a chunk would contain modules that it depends on and that have no chunk of their own: the namespace Exit would be among the jobs.
    onlyExplicitManualChunks: true,
    manualChunks: (id) =>
      namespaces.some((path) => id === join(folder, path)) ? undefined : roomOf(folder, id)
  })
  await bundle.close()
  for (const part of output) {
    // A face holds nothing but exports: there is nothing to be mapped.
    if (part.type !== 'chunk' || (part.map?.sources.length ?? 0) > 0) continue
    const text = part.code.replace(/^\/\/# sourceMappingURL=.*$/m, '')
    rmSync(join(target, `${part.fileName}.map`))
    writeFileSync(join(target, part.fileName), `${text.trimEnd()}\n`)
  }
  for (const [path, lines] of kept) appendFileSync(join(target, path), `${lines.join('\n')}\n`)
}
