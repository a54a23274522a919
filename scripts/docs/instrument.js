/**
 * Turns a block into a program that notes what it shows wherever the block says `// => ...`.
 *
 * What stands behind `// =>` is what the statement that ends there prints (a call of `console`), gives (any other
 * expression) or declares (`const x = ...`). Lines of their own that begin with `// =>` go on with it, one line a line, also
 * where a statement is run several times. `...` stands for anything.
 */
import ts from '@tsd/typescript'

/**
 * @typedef {object} Expectation
 * @property {number} line in the block, from 0
 * @property {string} text
 */

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

  /** @type {Map<number, import('@tsd/typescript').Statement>} The innermost, hence last seen, statement that ends on a line. */
  const statements = new Map()
  /** @param {import('@tsd/typescript').Node} node */
  const visit = (node) => {
    if (ts.isExpressionStatement(node) || ts.isVariableStatement(node)) statements.set(lineOf(node.getEnd()), node)
    ts.forEachChild(node, visit)
  }
  visit(source)

  /** @type {Array<Expectation>} */
  const expectations = []
  /** @type {Array<{ readonly from: number, readonly to: number, readonly text: string }>} */
  const edits = []
  for (let line = 0; line < code.length; line++) {
    const found = /\/\/ => ?(.*)$/.exec(code[line] ?? '')
    if (found === null) continue
    const first = line
    const isAlone = (code[line] ?? '').trim().startsWith('//')
    const lines = [found[1] ?? '']
    for (let more = moreAt(code[line + 1]); more !== undefined; line++, more = moreAt(code[line + 1])) lines.push(more)
    const statement = statements.get(isAlone ? first - 1 : first)
    if (statement === undefined) throw new Error(`line ${first + 1}: no statement ends where '// =>' says what it shows`)
    const id = expectations.push({ line: first, text: lines.join('\n') }) - 1
    const expression = ts.isExpressionStatement(statement) ? statement.expression : undefined
    if (expression === undefined) {
      const name = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0]?.name : undefined
      if (name === undefined || !ts.isIdentifier(name)) throw new Error(`line ${first + 1}: '// =>' needs a single name`)
      edits.push({ from: statement.getEnd(), to: statement.getEnd(), text: `;__shown(${id}, ${name.text})` })
    } else if (ts.isCallExpression(expression) && /^console\.\w+$/.test(expression.expression.getText())) {
      const callee = expression.expression
      edits.push({ from: callee.getStart(), to: callee.getEnd(), text: `__printed(${id}, ${callee.getText()})` })
    } else {
      edits.push({ from: expression.getStart(), to: expression.getStart(), text: `__shown(${id}, (` })
      edits.push({ from: expression.getEnd(), to: expression.getEnd(), text: '))' })
    }
  }

  const edited = edits
    .sort((a, b) => b.from - a.from)
    .reduce((result, edit) => result.slice(0, edit.from) + edit.text + result.slice(edit.to), text)
  const { outputText } = ts.transpileModule(edited, {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true }
  })
  const prelude = `import { printed as __printed, shown as __shown } from ${JSON.stringify(observer)}\n`
  return { program: prelude + outputText, expectations }
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
