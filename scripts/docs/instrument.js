/**
 * Turns a block into a program that notes what it shows wherever the block says `// => ...`.
 *
 * The text behind `// =>` is what has been printed since the statement that ends there began, up to the next statement of
 * the program; where nothing was, what the statement gives (or declares: `const x = ...`). Inside of a function or a loop it
 * is what that very statement prints or gives, every time it is run. Lines of their own that begin with `// =>` go on with it,
 * one line a line. `...` matches anything.
 */
import ts from '@tsd/typescript'

/**
 * @typedef {object} Expectation
 * @property {number} line in the block, from 0
 * @property {string} text
 */

/** @typedef {import('@tsd/typescript').Node} Node */
/** @typedef {import('@tsd/typescript').ExpressionStatement | import('@tsd/typescript').VariableStatement} Statement */
/** @typedef {{ readonly from: number, readonly to: number, readonly text: string }} Edit */

/** @param {Node} node */
const before = (node) => ({ from: node.getStart(), to: node.getStart() })

/** @param {Node} node */
const after = (node) => ({ from: node.getEnd(), to: node.getEnd() })

/**
 * The name that a statement declares.
 *
 * @param {import('@tsd/typescript').VariableStatement} statement
 */
const nameOf = (statement) => {
  const [{ name } = { name: undefined }, ...others] = statement.declarationList.declarations
  if (name === undefined || !ts.isIdentifier(name) || others.length > 0) {
    throw new Error(`'// =>' can show one name only, not ${statement.getText()}`)
  }
  return name.text
}

/**
 * Of a statement of the program itself: all that happens while it runs.
 *
 * @param {Statement} statement
 * @param {number} id
 * @returns {ReadonlyArray<Edit>}
 */
const outer = (statement, id) =>
  ts.isVariableStatement(statement)
    ? [
        { ...before(statement), text: `__begin(${id});` },
        { ...after(statement), text: `;__end(${id}, ${nameOf(statement)})` }
      ]
    : [
        { ...before(statement), text: `__end(${id}, (__begin(${id}), ` },
        { ...after(statement.expression), text: '))' }
      ]

/**
 * Of a statement inside of another: what it prints or gives itself.
 *
 * @param {Statement} statement
 * @param {number} id
 * @returns {ReadonlyArray<Edit>}
 */
const inner = (statement, id) => {
  if (ts.isVariableStatement(statement)) {
    return [{ ...after(statement), text: `;__shown(${id}, ${nameOf(statement)})` }]
  }
  const { expression } = statement
  if (ts.isCallExpression(expression) && /^console\.\w+$/.test(expression.expression.getText())) {
    const callee = expression.expression
    return [{ from: callee.getStart(), to: callee.getEnd(), text: `__printed(${id}, ${callee.getText()})` }]
  }
  return [
    { ...before(expression), text: `__shown(${id}, (` },
    { ...after(expression), text: '))' }
  ]
}

/**
 * Whether a statement only says what there is.
 *
 * @param {Node} node
 */
const isStill = (node) =>
  ts.isImportDeclaration(node) ||
  ts.isExportDeclaration(node) ||
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeAliasDeclaration(node)

/** What a line of its own adds. */
const moreAt = (/** @type {string | undefined} */ line) => /^\s*\/\/ => ?(.*)$/.exec(line ?? '')?.[1]

/**
 * @param {ReadonlyArray<string>} code
 * @param {string} observer the URL of the module that notes what is shown
 * @returns {{ readonly program: string, readonly expectations: ReadonlyArray<Expectation> }}
 */
export const instrument = (code, observer) => {
  const text = code.join('\n')
  const source = ts.createSourceFile('block.ts', text, ts.ScriptTarget.ES2022, true)
  const lineOf = (/** @type {number} */ position) => source.getLineAndCharacterOfPosition(position).line

  /** @type {Map<number, Statement>} What ends last on a line; of two that end together the inner one. */
  const statements = new Map()
  /** @param {Node} node */
  const visit = (node) => {
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) {
      const line = lineOf(node.getEnd())
      if (node.getEnd() >= (statements.get(line)?.getEnd() ?? 0)) statements.set(line, node)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)

  /** @type {Array<Expectation>} */
  const expectations = []
  /** @type {Array<Edit>} */
  const edits = []
  const marked = new Set()
  for (let line = 0; line < code.length; line++) {
    const found = /\/\/ => ?(.*)$/.exec(code[line] ?? '')
    if (found === null) continue
    const first = line
    const isAlone = (code[line] ?? '').trim().startsWith('//')
    const lines = [found[1] ?? '']
    for (let more = moreAt(code[line + 1]); more !== undefined; line++, more = moreAt(code[line + 1]))
      lines.push(more)
    const statement = statements.get(isAlone ? first - 1 : first)
    if (statement === undefined)
      throw new Error(`line ${first + 1}: no statement ends where '// =>' says what it shows`)
    const id = expectations.push({ line: first, text: lines.join('\n') }) - 1
    edits.push(...(statement.parent === source ? outer(statement, id) : inner(statement, id)))
    marked.add(statement)
  }
  // What is printed by statements that say nothing belongs to none.
  for (const statement of source.statements) {
    if (!marked.has(statement) && !isStill(statement))
      edits.push({ ...before(statement), text: '__begin(-1);' })
  }

  const edited = edits
    .sort((a, b) => b.from - a.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.text + result.slice(edit.to), text)
  const { outputText } = ts.transpileModule(edited, {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true
    }
  })
  const names = '{ begin as __begin, end as __end, printed as __printed, shown as __shown }'
  return { program: `import ${names} from ${JSON.stringify(observer)}\n${outputText}`, expectations }
}

/**
 * Whether what was shown is what was said. Spaces and line ends are all the same: what a person breaks into lines is no matter.
 *
 * @param {string} said
 * @param {string} shown
 */
export const agrees = (said, shown) => {
  const plain = (/** @type {string} */ text) => text.replace(/\s+/g, ' ').trim()
  const pattern = plain(said)
    .split('...')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[\\s\\S]*')
  return new RegExp(`^${pattern}$`).test(plain(shown))
}
