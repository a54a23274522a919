/** Rules of language, as functions from texts to faults: retired words and phrases, and top-level names with two meanings. */
import ts from '@tsd/typescript'
import type { Sources } from './architecture.js'

/** Identifiers that the lexicon in CONTRIBUTING.md has retired, with the term that took their place. */
export const retiredIdentifiers: Readonly<Record<string, string>> = {
  teller: 'hookDispatcher',
  handOut: 'asPublicFiber',
  watchLeaves: 'primitiveObserver',
  isHandedOn: 'isPassedThrough',
  handingOn: 'passes',
  waitIn: 'park',
  nextIn: 'dequeue',
  WaiterLine: 'OwnedWaitQueue',
  noteCarried: 'recordLateResult',
  carrying: 'withLateResult',
  giveWay: 'yieldToEventLoop',
  Ring: 'RingBuffer',
  HostTime: 'CoarseClock',
  PerSecond: 'RateCounter',
  clipName: 'truncateName',
  someOf: 'sampleOf',
  packExit: 'serializeExit',
  unpackOutcome: 'deserializeExit',
  obstacleTo: 'findUncloneable',
  Course: 'DecisionTrace',
  Story: 'ExecutionTrace',
  Actor: 'RunFiber',
  narrate: 'formatTrace',
  trouble: 'diagnostics',
  enterShield: 'enterUncancellable',
  findCircles: 'findWaitCycles',
  story: 'trace',
  course: 'decisionTrace',
  cast: 'fibersById',
  actor: 'runFiber',
  retell: 'repeatFormatted',
  isTold: 'isFormatted',
  lookAtClock: 'readClock',
  keepLife: 'keepSpan',
  lifeAt: 'fiberSpanAt'
}

const parse = (path: string, text: string): ts.SourceFile =>
  ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true)

export function retiredFaults(sources: Sources): ReadonlyArray<string> {
  return [...sources].flatMap(([path, text]) => {
    const found = new Set<string>()
    const visit = (node: ts.Node): void => {
      if (ts.isIdentifier(node) && Object.hasOwn(retiredIdentifiers, node.text)) found.add(node.text)
      ts.forEachChild(node, visit)
    }
    visit(parse(path, text))
    return [...found].map((name) => `${path}: ${name} is ${retiredIdentifiers[name]} now`)
  })
}

/** Constructors and questions that Task, Exit and Cause share, each a namespace of its own. */
const sharedNames: ReadonlySet<string> = new Set([
  ...['succeed', 'fail', 'die', 'interrupt', 'failCause'],
  ...['failures', 'defects', 'isInterrupted', 'isInterruptedOnly', 'pretty']
])

function topLevelNames(path: string, text: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const statement of parse(path, text).statements) {
    if (ts.isVariableStatement(statement)) {
      for (const { name } of statement.declarationList.declarations)
        if (ts.isIdentifier(name)) names.add(name.text)
    } else if (
      ts.isFunctionDeclaration(statement) ||
      ts.isClassDeclaration(statement) ||
      ts.isInterfaceDeclaration(statement) ||
      ts.isTypeAliasDeclaration(statement) ||
      ts.isEnumDeclaration(statement)
    ) {
      if (statement.name !== undefined) names.add(statement.name.text)
    }
  }
  return names
}

/** A name that two files declare at their top level makes a reader ask which of the two is meant. */
export function duplicateFaults(sources: Sources): ReadonlyArray<string> {
  const places = new Map<string, Array<string>>()
  for (const [path, text] of sources) {
    for (const name of topLevelNames(path, text)) {
      if (sharedNames.has(name)) continue
      const found = places.get(name)
      if (found === undefined) places.set(name, [path])
      else found.push(path)
    }
  }
  return [...places]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name} is declared by ${paths.join(' and ')}`)
}

/** Phrases that say who and whoever in place of a noun, or what a thing is told of, stands for or is none of. */
export const retiredPhrases: ReadonlyArray<RegExp> = [
  /\b(?:is|are|was|be) told of\b/,
  /\b(?:tells?|hears?) of\b/,
  /\b[Ww]hoever\b/,
  /\bits kin\b/,
  /\bin words\b/
]

/** The comments of a source, with the number of the line of each. */
function commentsOf(text: string): ReadonlyArray<readonly [line: number, text: string]> {
  const found: Array<readonly [number, string]> = []
  let isWithin = false
  for (const [index, line] of text.split('\n').entries()) {
    const isComment = isWithin || /^\s*(?:\/\*|\/\/)/.test(line)
    if (isComment) found.push([index + 1, line])
    if (/^\s*\/\*/.test(line)) isWithin = true
    if (line.includes('*/')) isWithin = false
  }
  return found
}

export const phraseFaults = (sources: Sources): ReadonlyArray<string> =>
  [...sources].flatMap(([path, text]) =>
    commentsOf(text).flatMap(([line, comment]) =>
      retiredPhrases.filter((phrase) => phrase.test(comment)).map((phrase) => `${path}:${line}: ${phrase}`)
    )
  )

/** Words and phrases that no title of a test has: pronouns without a noun, and terms that only this project used. */
export const retiredInTitles: ReadonlyArray<RegExp> = [
  /\b(?:who|whom|whoever|(?:no|some|any|every)body)\b/i,
  /\b(?:told of|told about|tells of|hears? (?:of|nothing)|heard of?)\b/,
  /\b(?:stands?|stood) (?!still)/,
  /\b(?:go|goes|went|going) on\b/,
  /\b(?:give|gives|gave|giving) way\b/,
  /\b(?:carry|carries|carried)\b/,
  /\b(?:same|very|own|first|next|one|each|every|its|their|his|have|in) turns?\b(?! of the (?:event loop|microtask))/,
  /\bcircles?\b/,
  /\b(?:in|with) words\b/,
  /\b(?:its|their) (?:kin|place|lives)\b/,
  /\b(?:comes? apart|brings? along|is seen to|comes? to an end|deals? with|for ever)\b/,
  /\b(?:time-outs?|clean-ups?)\b/,
  /\bwhat (?:is no|is there|comes|it gave|was there|stands|nobody)\b/,
  /\bthe (?:line|door)\b(?! (?:of|where))/
]

const titled: ReadonlySet<string> = new Set(['describe', 'test', 'it', 'inEveryMode', 'inOrder'])

/** The function at the root of a call: `test` in `test.each(table)('title', f)`. */
function rootOf(callee: ts.Expression): string {
  let node = callee
  for (;;) {
    if (ts.isCallExpression(node) || ts.isPropertyAccessExpression(node)) node = node.expression
    else if (ts.isTaggedTemplateExpression(node)) node = node.tag
    else return ts.isIdentifier(node) ? node.text : ''
  }
}

/** The text of a title, and of a template with its placeholders as they are written. */
const textOf = (node: ts.Expression | undefined): string | undefined =>
  node !== undefined && (ts.isStringLiteralLike(node) || ts.isTemplateExpression(node))
    ? node.getText().slice(1, -1)
    : undefined

/** The titles of the tests in a source, with the number of the line of each. */
export function titlesOf(path: string, text: string): ReadonlyArray<readonly [line: number, title: string]> {
  const found: Array<readonly [number, string]> = []
  const source = parse(path, text)
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && titled.has(rootOf(node.expression))) {
      const title = textOf(node.arguments[0])
      if (title !== undefined) {
        found.push([source.getLineAndCharacterOfPosition(node.arguments[0]!.getStart()).line + 1, title])
      }
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

export const titleFaults = (tests: Sources): ReadonlyArray<string> =>
  [...tests].flatMap(([path, text]) =>
    titlesOf(path, text).flatMap(([line, title]) =>
      retiredInTitles
        .filter((phrase) => phrase.test(title))
        .map((phrase) => `${path}:${line}: ${phrase} in '${title}'`)
    )
  )
