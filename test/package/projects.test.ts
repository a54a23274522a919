/** Editors: each file belongs to the TypeScript project of its folder, with strict mode and the paths that hold there. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from '@tsd/typescript'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))

const files = execFileSync(
  'git',
  ['ls-files', 'src', 'test', 'type-tests', 'examples', 'scripts', 'vitest.config.ts'],
  {
    cwd: root,
    encoding: 'utf8'
  }
)
  .split('\n')
  .filter((path) => /\.tsx?$/.test(path) || /^scripts\/.*\.js$/.test(path))

interface Project {
  readonly files: ReadonlySet<string>
  readonly isStrict: boolean
  readonly references: ReadonlyArray<string>
}

function readProject(path: string): Project {
  const { config, error } = ts.readConfigFile(path, ts.sys.readFile)
  if (error !== undefined) throw new Error(String(error.messageText))
  const parsed = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path))
  return {
    files: new Set(parsed.fileNames.map((name) => resolve(name))),
    isStrict: parsed.options.strict === true && parsed.options.exactOptionalPropertyTypes === true,
    references: (parsed.projectReferences ?? []).map((reference) => join(reference.path, 'tsconfig.json'))
  }
}

const projects = new Map<string, Project>()
const projectAt = (path: string): Project => {
  const known = projects.get(path) ?? readProject(path)
  projects.set(path, known)
  return known
}

/** As editors do it: the nearest tsconfig.json above the file that has it, itself or by its references. */
function projectOf(file: string): Project | undefined {
  const path = resolve(root, file)
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const config = join(folder, 'tsconfig.json')
    if (existsSync(config)) {
      const found = [config, ...projectAt(config).references]
        .map(projectAt)
        .find((project) => project.files.has(path))
      if (found !== undefined) return found
    }
    if (folder === resolve(root)) return undefined
  }
}

describe('the project of a file', () => {
  it('there are files to check', () => {
    expect(files.length).toBeGreaterThan(300)
  })

  it('exists for each file, and is strict', () => {
    expect(files.filter((file) => projectOf(file)?.isStrict !== true)).toEqual([])
  })

  it('is missing for a file in no folder of a project', () => {
    expect(projectOf('bench/workloads.js')).toBeUndefined()
  })
})
