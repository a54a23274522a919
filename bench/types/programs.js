/**
 * Programs of as many lines as one likes, of pipes and generators, that say the same in several libraries: what a type checker
 * has to do for their users.
 *
 * fp-ts has no generators; there `Do` and `bind` say what the generators say.
 */

/** How many classes of errors there are: unions grow, as they do in programs. */
const kinds = 8

const errors = Array.from(
  { length: kinds },
  (_, kind) =>
    `export class Error${kind} { readonly _tag = 'Error${kind}' as const; constructor(readonly of: number) {} }`
)

/**
 * @typedef {object} Dialect
 * @property {ReadonlyArray<string>} head
 * @property {(at: number) => ReadonlyArray<string>} block what it exports is `pipe<at>` and `gen<at>`
 */

/** @param {number} at */
const kindOf = (at) => at % kinds

/** @type {Record<string, Dialect>} */
const dialects = {
  'aio-ts': {
    head: [
      "import { pipe } from 'fp-ts/lib/function.js'",
      "import * as Task from 'aio-ts/Task'",
      ...errors,
      'declare const load: (id: number) => Task.Task<Error0, number>',
      'declare const parse: (text: string) => Task.Task<Error1, { readonly length: number }>',
      ''
    ],
    block: (at) => [
      `export const pipe${at} = pipe(`,
      `  load(${at}),`,
      '  Task.map((id) => id + 1),',
      '  Task.flatMap((id) => parse(String(id))),',
      '  Task.map((text) => text.length),',
      `  Task.flatMap((n) => (n > ${at} ? Task.fail(new Error${kindOf(at + 2)}(n)) : Task.succeed({ n, name: 'a' }))),`,
      "  Task.catchTag('Error0', (error) => Task.succeed({ n: error.of, name: 'b' })),",
      '  Task.map(({ n, name }) => ({ n, name, both: name + n }))',
      ')',
      '',
      `export const gen${at} = Task.gen(function* () {`,
      `  const first = yield* load(${at})`,
      '  const second = yield* parse(String(first))',
      `  const third = yield* pipe${at}`,
      `  if (third.n > second.length) yield* Task.fail(new Error${kindOf(at + 3)}(first))`,
      '  return { first, second, third }',
      '})',
      ''
    ]
  },
  effect: {
    head: [
      "import { pipe } from 'effect/Function'",
      "import * as Effect from 'effect/Effect'",
      ...errors,
      'declare const load: (id: number) => Effect.Effect<number, Error0>',
      'declare const parse: (text: string) => Effect.Effect<{ readonly length: number }, Error1>',
      ''
    ],
    block: (at) => [
      `export const pipe${at} = pipe(`,
      `  load(${at}),`,
      '  Effect.map((id) => id + 1),',
      '  Effect.flatMap((id) => parse(String(id))),',
      '  Effect.map((text) => text.length),',
      `  Effect.flatMap((n) => (n > ${at} ? Effect.fail(new Error${kindOf(at + 2)}(n)) : Effect.succeed({ n, name: 'a' }))),`,
      "  Effect.catchTag('Error0', (error) => Effect.succeed({ n: error.of, name: 'b' })),",
      '  Effect.map(({ n, name }) => ({ n, name, both: name + n }))',
      ')',
      '',
      `export const gen${at} = Effect.gen(function* () {`,
      `  const first = yield* load(${at})`,
      '  const second = yield* parse(String(first))',
      `  const third = yield* pipe${at}`,
      `  if (third.n > second.length) yield* Effect.fail(new Error${kindOf(at + 3)}(first))`,
      '  return { first, second, third }',
      '})',
      ''
    ]
  },
  'fp-ts': {
    head: [
      "import { pipe } from 'fp-ts/lib/function.js'",
      "import * as TE from 'fp-ts/lib/TaskEither.js'",
      ...errors,
      'declare const load: (id: number) => TE.TaskEither<Error0, number>',
      'declare const parse: (text: string) => TE.TaskEither<Error1, { readonly length: number }>',
      ''
    ],
    block: (at) => [
      `export const pipe${at} = pipe(`,
      `  load(${at}),`,
      '  TE.map((id) => id + 1),',
      '  TE.flatMap((id) => parse(String(id))),',
      '  TE.map((text) => text.length),',
      `  TE.flatMap((n) => (n > ${at} ? TE.left(new Error${kindOf(at + 2)}(n)) : TE.right({ n, name: 'a' }))),`,
      "  TE.orElse((error) => (error._tag === 'Error0' ? TE.right({ n: error.of, name: 'b' }) : TE.left(error))),",
      '  TE.map(({ n, name }) => ({ n, name, both: name + n }))',
      ')',
      '',
      `export const gen${at} = pipe(`,
      '  TE.Do,',
      `  TE.bind('first', () => load(${at})),`,
      "  TE.bindW('second', ({ first }) => parse(String(first))),",
      `  TE.bindW('third', () => pipe${at}),`,
      `  TE.tap(({ first, second, third }) => (third.n > second.length ? TE.left(new Error${kindOf(at + 3)}(first)) : TE.right(first)))`,
      ')',
      ''
    ]
  }
}

export const dialectNames = Object.keys(dialects)

/**
 * @param {string} library
 * @param {number} lines at least as many
 */
export const programOf = (library, lines) => {
  const dialect = dialects[library]
  if (dialect === undefined) throw new Error(`Nothing is written in ${library}`)
  const text = [...dialect.head]
  for (let at = 0; text.length < lines; at++) text.push(...dialect.block(at))
  return `${text.join('\n')}\n`
}
