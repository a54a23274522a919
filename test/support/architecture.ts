/**
 * The rules of the sources, as functions from sources to faults, so that each can be shown a source that breaks it.
 *
 * They read the syntax, not the text: a comment may mention setTimeout, a type import counts as an import.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, posix, relative, sep } from 'node:path'
import ts from '@tsd/typescript'

/** Path relative to src, with slashes, and its text. */
export type Sources = ReadonlyMap<string, string>

export const readSources = (folder: string): Sources =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(folder, path).split(sep).join('/'), readFileSync(path, 'utf8')])
  )

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)

/** Every node, parents first. */
const walk = (node: ts.Node, visit: (node: ts.Node) => void): void => {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

export interface Import {
  readonly specifier: string
  /** Gone after compilation. */
  readonly isType: boolean
  /** `import('...')` in an expression. */
  readonly isDynamic: boolean
}

const isTypeOnly = (node: ts.ImportDeclaration | ts.ExportDeclaration): boolean => {
  if (ts.isExportDeclaration(node)) return node.isTypeOnly
  // `import { type A }` keeps the import when the syntax is kept as written.
  return node.importClause?.isTypeOnly ?? false
}

/** What only the running program knows. */
const computed = '(computed)'

/** What a file imports or exports from elsewhere, also as `import('...')` in an expression or a type. */
export const importsOf = (path: string, text: string): ReadonlyArray<Import> => {
  const imports: Array<Import> = []
  walk(parse(path, text), (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      if (ts.isStringLiteral(node.moduleSpecifier)) {
        imports.push({ specifier: node.moduleSpecifier.text, isType: isTypeOnly(node), isDynamic: false })
      }
    } else if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      imports.push({ specifier: node.argument.literal.text, isType: true, isDynamic: false })
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const [specifier] = node.arguments
      const isNamed = specifier !== undefined && ts.isStringLiteralLike(specifier)
      imports.push({ specifier: isNamed ? specifier.text : computed, isType: false, isDynamic: true })
    }
  })
  return imports
}

const isRelative = (specifier: string): boolean => specifier.startsWith('.')

const targetOf = (path: string, specifier: string): string =>
  posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')

/** The file that an import leads to, be it a `.ts` or a `.tsx`. */
const fileOf = (sources: Sources, path: string, specifier: string): string => {
  const target = targetOf(path, specifier)
  return sources.has(`${target}x`) ? `${target}x` : target
}

/** The folders from the ground up; those of one row may not import one another. */
const rows: ReadonlyArray<ReadonlyArray<string>> = [
  ['data'],
  ['core'],
  ['runtime'],
  ['task'],
  ['coordination'],
  ['concurrency'],
  // The core's public face: `aio-ts`, `aio-ts/Task`, `aio-ts/Schedule`.
  ['index.ts', 'Task.ts', 'Schedule.ts'],
  ['fp-ts', 'io-ts'],
  // It stands on what `io-ts` says of values that do not fit.
  ['executor'],
  ['node', 'bullmq', 'testing', 'inspect', 'otel'],
  ['vitest']
]

const faceRow = 6

const roomOf = (path: string): string => path.split('/')[0] ?? path

const rowOf = (path: string): number => rows.findIndex((row) => row.includes(roomOf(path)))

/** Imports point downward, or stay in the room; the faces may show one another. */
export const layerFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) => {
    if (rowOf(path) < 0) return [`${path}: stands in no room of the house`]
    return importsOf(path, text)
      .filter(({ specifier }) => isRelative(specifier))
      .map(({ specifier }) => targetOf(path, specifier))
      .filter((target) => {
        const isNeighbour =
          roomOf(target) === roomOf(path) || (rowOf(target) === faceRow && rowOf(path) === faceRow)
        return !isNeighbour && (rowOf(target) < 0 || rowOf(target) >= rowOf(path))
      })
      .map((target) => `${path}: imports ${target}, which does not lie below it`)
  })

/** Every import leads to a file that is there. */
export const danglingFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) =>
    importsOf(path, text)
      .filter(({ specifier }) => isRelative(specifier) && !specifier.endsWith('.css'))
      .filter(({ specifier }) => !sources.has(fileOf(sources, path, specifier)))
      .map(({ specifier }) => `${path}: imports ${specifier}, which is no file of src`)
  )

/** No file imports itself by way of others. One fault a file that lies on a circle, with the circle. */
export const cycleFaults = (sources: Sources): ReadonlyArray<string> => {
  const next = new Map(
    [...sources].map(([path, text]) => [
      path,
      importsOf(path, text)
        .filter(({ specifier }) => isRelative(specifier))
        .map(({ specifier }) => fileOf(sources, path, specifier))
    ])
  )
  /** The shortest way from `start` back to it. */
  const circle = (start: string): ReadonlyArray<string> | undefined => {
    const ways: Array<ReadonlyArray<string>> = [[start]]
    const seen = new Set<string>()
    for (const way of ways) {
      for (const target of next.get(way.at(-1) ?? '') ?? []) {
        if (target === start) return [...way, target]
        if (!seen.has(target)) ways.push([...way, target])
        seen.add(target)
      }
    }
    return undefined
  }
  return [...sources.keys()].flatMap((path) => {
    const found = circle(path)
    return found === undefined ? [] : [`${path}: imports itself: ${found.join(' -> ')}`]
  })
}

export const lengthFaults = (sources: Sources, longest = 450): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) => {
    const lines = text.replace(/\n$/, '').split('\n').length
    return lines > longest ? [`${path}: ${lines} lines, more than ${longest}`] : []
  })

export const openingFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) => (/^\s*\/[*/]/.test(text) ? [] : [`${path}: opens with no comment`]))

/**
 * Late binding goes through `LateBound` and `installMethods` (data/late-bound.ts), and nothing else: a variable
 * that a module exports is never assigned, and only `installMethods` and `showAsText` change a class.
 */
export const lateBindingFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) => {
    const isMechanism = path === 'data/late-bound.ts' || path === 'data/to-string.ts'
    const variables = /^export (?:let|var) \w+/gm
    const patches = /\bdefinePropert(?:y|ies)\(\s*\w+\.prototype|\.prototype(?:\.\w+|\[[^\]]+\])\s*=[^=]/g
    return [...text.matchAll(variables), ...(isMechanism ? [] : text.matchAll(patches))].map(
      ([found]) => `${path}: late binding of its own: ${found}`
    )
  })

const host = 'data/host.ts'

/** Whose hands the host's time and turns lie in; `data/host.ts` only declares what there is. */
const keepers: ReadonlyArray<{
  readonly files: ReadonlyArray<string>
  readonly names: ReadonlyArray<string>
}> = [
  {
    files: ['runtime/host/clock.ts', host],
    names: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval']
  },
  {
    files: ['runtime/scheduler.ts', host],
    names: ['queueMicrotask', 'setImmediate', 'clearImmediate', 'nextTick']
  },
  {
    // As a turn of the event loop, and for what it is for.
    files: ['runtime/scheduler.ts', host, 'node/worker-thread.ts'],
    names: ['MessageChannel']
  }
]

/** The inspector's page is a program of its own, in a browser: time there is the browser's. */
const isOfPage = (path: string): boolean => path.startsWith('inspect/page/')

/** The page takes of the rest the types of what it is told, and nothing else; the rest takes nothing of the page. */
export const pageFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) =>
    importsOf(path, text)
      .filter(({ specifier, isType }) => {
        const target = targetOf(path, specifier)
        const isAcross = isRelative(specifier) && isOfPage(path) !== isOfPage(target)
        return isAcross && !(isOfPage(path) && isType && target === 'inspect/protocol.ts')
      })
      .map(({ specifier }) => `${path}: imports ${specifier} across the border of the page`)
  )

/** Time is the clock's, turns are the scheduler's; nobody else names them, be it as a property or in brackets. */
export const keeperFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) => {
    if (isOfPage(path)) return []
    const foreign = new Set(
      keepers.filter(({ files }) => !files.includes(path)).flatMap(({ names }) => names)
    )
    const faults: Array<string> = []
    walk(parse(path, text), (node) => {
      if ((ts.isIdentifier(node) || ts.isStringLiteralLike(node)) && foreign.has(node.text)) {
        faults.push(`${path}: names ${node.text}`)
      }
    })
    return faults
  })

const isFpTs = (specifier: string): boolean => /^fp-ts\/lib\/\w+\.js$/.test(specifier)

/** The adapters compose Tasks as a user does, by `pipe`, whose module is all that they load of fp-ts. */
const isTypeOrPipe = ({ specifier, isType }: Import): boolean =>
  isFpTs(specifier) && (isType || specifier === 'fp-ts/lib/function.js')

/** What a room may take from outside of src. */
const mayImport = (path: string, found: Import): boolean => {
  const { specifier, isType, isDynamic } = found
  // An optional peer: its types, and itself when it is asked for, so that the entry can be loaded without it.
  const isPeer = (...peers: ReadonlyArray<string>): boolean =>
    peers.includes(specifier) && (isType || isDynamic)
  switch (roomOf(path)) {
    case 'fp-ts':
      return isFpTs(specifier)
    case 'io-ts':
      return isFpTs(specifier) || /^io-ts(?:\/lib\/\w+\.js)?$/.test(specifier)
    case 'vitest':
      return specifier === 'vitest' || (isFpTs(specifier) && isType)
    case 'executor':
      return isTypeOrPipe(found) || (specifier === 'io-ts' && isType)
    case 'node':
      return (
        specifier.startsWith('node:') ||
        isTypeOrPipe(found) ||
        isPeer('piscina') ||
        // The module of the jobs, which a user names, and what a function imports that crosses as its text.
        (specifier === computed && (path === 'node/thread.ts' || path === 'node/read-function.ts'))
      )
    case 'bullmq':
      return (
        specifier.startsWith('node:') ||
        isTypeOrPipe(found) ||
        (specifier.startsWith('io-ts') && isType) ||
        isPeer('bullmq', 'ioredis')
      )
    case 'otel':
      return specifier === 'node:async_hooks' || specifier === '@opentelemetry/api' || isTypeOrPipe(found)
    case 'inspect':
      if (isOfPage(path)) return /^(?:preact(?:\/hooks)?|uplot)$/.test(specifier)
      return specifier.startsWith('node:') || isTypeOrPipe(found)
    default:
      return isFpTs(specifier) && isType
  }
}

/**
 * The core takes from outside the types of fp-ts alone, by paths that Node resolves; each outer room takes what it is named
 * for, and the adapters take `pipe`.
 */
export const foreignFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) =>
    importsOf(path, text)
      .filter((found) => !isRelative(found.specifier) && !mayImport(path, found))
      .map(({ specifier, isType }) => `${path}: imports ${isType ? 'the types of ' : ''}${specifier}`)
  )

/**
 * Where an `any` cannot leak: in the bound of a type parameter and in the pattern of a conditional type it only says that
 * something there is left open.
 */
const isPattern = (node: ts.Node): boolean =>
  (ts.isTypeParameterDeclaration(node.parent) && node.parent.constraint === node) ||
  (ts.isConditionalTypeNode(node.parent) && node.parent.extendsType === node)

/** What a function computes, and what a name with a written type begins with, is no part of the signature. */
const innardsOf = (node: ts.Node): ts.Node | undefined => {
  if (ts.isFunctionLike(node)) return (node as ts.FunctionLikeDeclaration).body
  const isNamed = ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)
  return isNamed && node.type !== undefined ? node.initializer : undefined
}

const holdsAny = (node: ts.Node): boolean => {
  if (isPattern(node)) return false
  if (node.kind === ts.SyntaxKind.AnyKeyword) return true
  const innards = innardsOf(node)
  return ts.forEachChild(node, (child) => child !== innards && holdsAny(child)) ?? false
}

const isHidden = (node: ts.Node): boolean =>
  ts.canHaveModifiers(node) &&
  (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.PrivateKeyword)

const isExported = (statement: ts.Statement): boolean =>
  ts.canHaveModifiers(statement) &&
  (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)

/** The exported declarations of a file that an `any` could leak out of, each part (a class's member) by its own name. */
const signatures = (
  statement: ts.Statement
): ReadonlyArray<{ readonly name: string; readonly node: ts.Node }> => {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map((node) => ({ name: node.name.getText(), node }))
  }
  if (ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) {
    const owner = statement.name?.text ?? 'default'
    return [...statement.members]
      .filter((member) => !isHidden(member))
      .map((node) => ({ name: `${owner}.${node.name?.getText() ?? 'constructor'}`, node }))
  }
  const named = statement as ts.Statement & { readonly name?: ts.Node }
  return [{ name: named.name?.getText() ?? 'default', node: statement }]
}

/** No `any` in what a file exports, but for what `allowed` names as `path#name`. */
export const anyFaults = (sources: Sources, allowed: ReadonlySet<string>): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) =>
    parse(path, text)
      .statements.filter(isExported)
      .flatMap(signatures)
      .filter(({ name, node }) => holdsAny(node) && !allowed.has(`${path}#${name}`))
      .map(({ name }) => `${path}: the signature of ${name} holds an any`)
  )

/** Folders of test/ that mirror no folder of src, since what they test is no one part of it. CONTRIBUTING.md says what each is for. */
export const otherTestFolders: ReadonlySet<string> = new Set([
  ...['bench', 'examples', 'inspect-page', 'laws', 'model', 'package', 'process', 'regressions'],
  ...['schedules', 'soak', 'support', 'sweeps', 'testing-page']
])

/** Tests in a mirrored folder that are named after a subject, since what they test is in no one file, and why. */
export const testSubjects: ReadonlyMap<string, string> = new Map([
  [
    'concurrency/deep-trees.test.ts',
    'fibers and groups that are in one another, of every operator that starts some'
  ],
  [
    'concurrency/failed-cleanups.test.ts',
    'what a cleanup fails with, under every operator that waits for one'
  ],
  ['runtime/hostile.test.ts', 'what hosts and values do wrong, to all of the runtime'],
  ['runtime/unhandled.test.ts', 'unhandled rejections, which no part of the runtime may cause'],
  ['task/combine.test.ts', 'operators of a line or two, which build on one another'],
  ['task/conversions.test.ts', 'constructors from types of fp-ts, of a line or two each'],
  ['task/exceptions.test.ts', 'every operator that calls a function of the user'],
  ['task/recover.test.ts', 'handlers of errors, each beside the reasons that only others handle'],
  ['task/stack-safety.test.ts', 'every operator, nested deep'],
  ['testing/hosts.test.ts', 'hosts that the whole kit has to run on']
])

/**
 * A test is found by what it tests: its folder is one of src, and its name begins with that of a file or folder there. `subjects` need
 * not, and are there.
 */
export function mirrorFaults(
  tests: Sources,
  sources: Sources,
  others: ReadonlySet<string> = otherTestFolders,
  subjects: ReadonlySet<string> = new Set(testSubjects.keys())
): ReadonlyArray<string> {
  const names = new Map<string, Set<string>>()
  for (const path of sources.keys()) {
    const parts = path.replace(/\.tsx?$/, '').split('/')
    for (const [depth, name] of parts.entries()) {
      const folder = parts.slice(0, depth).join('/')
      names.set(folder, (names.get(folder) ?? new Set()).add(name))
    }
  }
  const faultOf = (path: string): string | undefined => {
    const folder = posix.dirname(path)
    if (folder === '.' || others.has(path.slice(0, path.indexOf('/')))) return undefined
    const there = names.get(folder.replace(/\/fixtures$/, ''))
    if (there === undefined) return `${path}: src has no folder ${folder}`
    const [, subject] = /^([\w-]+)\.test\.ts$/.exec(posix.basename(path)) ?? []
    if (subject === undefined || subjects.has(path)) return undefined
    const isNamed = [...there].some((name) => subject === name || subject.startsWith(`${name}-`))
    return isNamed ? undefined : `${path}: src/${folder} has nothing by whose name that of the test begins`
  }
  return [
    ...[...tests.keys()].flatMap((path) => faultOf(path) ?? []),
    ...[...subjects].filter((path) => !tests.has(path)).map((path) => `${path}: there is no such test`)
  ]
}
