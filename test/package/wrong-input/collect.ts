/** Every callable export of the package, with a name that says where it is: `aio-ts Task.map`, `aio-ts Queue#put`. */
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from '@tsd/typescript'
import manifest from '../../../package.json' with { type: 'json' }

/** The entry points, as users import them. */
const entryPoints: ReadonlyArray<string> = Object.keys(manifest.exports)
  .filter((path) => path !== './package.json')
  .map((path) => `aio-ts${path.slice(1)}`)

/** What users cannot call: of each class the private and protected members, and `constructor` where that is one, or abstract. */
function hiddenMembers(): ReadonlyMap<string, ReadonlySet<string>> {
  const hidden = new Map<string, Set<string>>()
  const isHidden = (node: ts.ClassLikeDeclaration | ts.ClassElement): boolean =>
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some(({ kind }) =>
      [
        ts.SyntaxKind.PrivateKeyword,
        ts.SyntaxKind.ProtectedKeyword,
        ...(ts.isClassLike(node) ? [ts.SyntaxKind.AbstractKeyword] : [])
      ].includes(kind)
    )
  const root = fileURLToPath(new URL('../../../src', import.meta.url))
  for (const file of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts')) continue
    const source = ts.createSourceFile(file, readFileSync(`${root}/${file}`, 'utf8'), ts.ScriptTarget.Latest)
    for (const node of source.statements) {
      if (!ts.isClassDeclaration(node) || node.name === undefined) continue
      const names = hidden.get(node.name.text) ?? new Set()
      hidden.set(node.name.text, names)
      if (isHidden(node)) names.add('constructor')
      for (const member of node.members) {
        if (!isHidden(member)) continue
        if (ts.isConstructorDeclaration(member)) names.add('constructor')
        else if (member.name !== undefined && ts.isIdentifier(member.name)) names.add(member.name.text)
      }
    }
  }
  return hidden
}

const isNamespace = (value: object): boolean => Object.prototype.toString.call(value) === '[object Module]'

const isClass = (value: unknown): boolean => typeof value === 'function' && /^class\b/.test(String(value))

/** Those that the language calls, with nothing or with what it has made itself. */
const ofTheLanguage: ReadonlySet<string> = new Set(['constructor', 'toJSON', 'toString'])

/** The names of functions in it; of a class, those of its methods, but for symbols and getters. */
function functionsIn(holder: object): ReadonlyArray<string> {
  const all = Object.getOwnPropertyDescriptors(holder)
  return Object.keys(all).filter(
    (name) => !ofTheLanguage.has(name) && typeof all[name]?.value === 'function' && !isClass(all[name].value)
  )
}

class Collector {
  readonly found: Map<string, unknown> = new Map()
  private readonly seen: Set<unknown> = new Set()
  private readonly hidden = hiddenMembers()

  addAll(prefix: string, module: object): void {
    for (const [name, value] of Object.entries(module)) this.add(`${prefix}${name}`, value)
  }

  private add(path: string, value: unknown): void {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return
    // Each once, under the first name that it has.
    if (this.seen.has(value)) return
    this.seen.add(value)
    if (typeof value === 'function') this.addFunction(path, value)
    else if (isNamespace(value)) this.addAll(`${path}.`, value)
    else if (Object.getPrototypeOf(value) === Object.prototype)
      for (const name of functionsIn(value)) this.found.set(`${path}.${name}`, Reflect.get(value, name))
  }

  private addFunction(path: string, value: { readonly name: string; readonly prototype?: unknown }): void {
    if (!isClass(value)) {
      this.found.set(path, value)
      return
    }
    const hidden = this.hidden.get(value.name)
    if (hidden?.has('constructor') !== true) this.found.set(path, value)
    for (const name of functionsIn(value))
      if (hidden?.has(name) !== true) this.found.set(`${path}.${name}`, Reflect.get(value, name).bind(value))
    // Methods need a `this`, which only who calls them has.
    for (const name of functionsIn(value.prototype as object))
      if (hidden?.has(name) !== true) this.found.set(`${path}#${name}`, undefined)
  }
}

/** What can be called, of all entry points. */
export async function collect(): Promise<ReadonlyMap<string, unknown>> {
  const collector = new Collector()
  for (const entry of entryPoints) {
    const module: object = await import(/* @vite-ignore */ entry)
    collector.addAll(`${entry} `, module)
  }
  return collector.found
}
