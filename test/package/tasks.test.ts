/** The tasks of package.json name all that they read: wireit does not run a task again while the files that it names are the same. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import ts from '@tsd/typescript'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import { root } from '../../scripts/process.js'
import { wireit } from '../../scripts/wireit.js'

// Each starts a compiler, however busy the machine is.
vi.setConfig({ testTimeout: 120_000 })

// What programs of users are compiled against.
beforeAll(() => wireit('build:dist', { isQuiet: true }), 120_000)

interface Task {
  readonly command?: string
  readonly dependencies?: ReadonlyArray<string>
  readonly files?: ReadonlyArray<string>
  readonly output?: ReadonlyArray<string>
}

const {
  scripts,
  wireit: tasks
}: {
  readonly scripts: Readonly<Record<string, string>>
  readonly wireit: Readonly<Record<string, Task>>
} = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

const { glob } = await import(join(root, 'node_modules/wireit/lib/util/glob.js'))

const matching = async (patterns: ReadonlyArray<string>): Promise<ReadonlyArray<string>> =>
  (
    await glob(patterns, {
      cwd: root,
      followSymlinks: true,
      includeDirectories: false,
      expandDirectories: true,
      throwIfOutsideCwd: false
    })
  ).map(({ path }: { readonly path: string }) => path)

/** What a task names, and what the tasks name or make that it depends on. */
const namedBy = async (name: string): Promise<ReadonlyArray<string>> => {
  const { dependencies = [], files = [] } = tasks[name] ?? {}
  const below = await Promise.all(
    dependencies.map(async (other) => [
      ...(await namedBy(other)),
      ...(await matching(tasks[other]?.output ?? []))
    ])
  )
  return [...(await matching(files)), ...below.flat()]
}

const configsOf = (path: string): ReadonlyArray<string> => {
  const { config } = ts.readConfigFile(path, ts.sys.readFile)
  return [path, ...(config.extends === undefined ? [] : configsOf(join(dirname(path), config.extends)))]
}

/** What the compiler reads, without the packages, which follow from package-lock.json. */
const readBy = (compiler: string, project: string): ReadonlyArray<string> => {
  const args = [join(root, compiler), '-p', project, '--listFilesOnly']
  const listed = execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }).trim().split('\n')
  const config = join(root, project.endsWith('.json') ? project : join(project, 'tsconfig.json'))
  return [...listed, ...configsOf(config)].filter((path) => !path.includes('/node_modules/'))
}

const compilations = Object.entries(tasks).flatMap(([name, { command = '' }]) => {
  const [, compiler = '', project = ''] = /^(tsc|node \S+tsc\S*) -p (\S+)$/.exec(command) ?? []
  return project === ''
    ? []
    : [
        {
          name,
          project,
          compiler: compiler.startsWith('node ') ? compiler.slice(5) : 'node_modules/typescript/bin/tsc'
        }
      ]
})

describe('a task that runs the compiler', () => {
  it('is found', () => {
    expect(compilations.length).toBeGreaterThan(15)
  })

  for (const { name, project, compiler } of compilations)
    it(`names all that it reads: ${name}`, async () => {
      const read = readBy(compiler, project)
      expect(read.length).toBeGreaterThan(1)
      const named = new Set(await namedBy(name))
      expect(read.filter((path) => !named.has(path)).map((path) => relative(root, path))).toEqual([])
    })
})

describe('a task', () => {
  // wireit refuses it, and all that depends on it.
  it('has no name of a command of npm', () => {
    expect(Object.keys(tasks).filter((name) => name in scripts)).toEqual([])
  })

  it('exists if a command, a script or another task starts it', () => {
    const texts = readdirSync(join(root, 'scripts'))
      .filter((name) => name.endsWith('.js'))
      .map((name) => readFileSync(join(root, 'scripts', name), 'utf8'))
    const started = [
      ...texts.flatMap((text) => [...text.matchAll(/\b(?:wireit|outcomesOf)\('([^']+)'/g)]),
      ...Object.values(scripts).flatMap((command) => [...command.matchAll(/ wireit (\S+)/g)])
    ].map(([, name = '']) => name)
    expect(started.length).toBeGreaterThan(10)
    const all = [...started, ...Object.values(tasks).flatMap(({ dependencies = [] }) => dependencies)]
    expect(all.filter((name) => !(name in tasks))).toEqual([])
  })
})
