/** What `Cause.pretty` shows of the errors within an error: its causes, and those that an AggregateError or a SuppressedError holds. */
import { Cause } from 'aio-ts'
import { describe, expect, it } from 'vitest'

/** An error without a stack, so that the whole text can be compared. */
const bare = <E extends Error>(error: E): E => Object.assign(error, { stack: '' })

const plain = (message: string, cause?: unknown): Error =>
  bare(cause === undefined ? new Error(message) : new Error(message, { cause }))

const aggregate = (message: string, errors: ReadonlyArray<unknown>): AggregateError =>
  bare(new AggregateError(errors, message))

/** Each the cause of the one before it. */
const chain = (length: number): Error => {
  let error = plain(`error ${length}`)
  for (let number = length - 1; number > 0; number--) error = plain(`error ${number}`, error)
  return error
}

const lines = (error: unknown): ReadonlyArray<string> => Cause.pretty(Cause.fail(error)).split('\n')

describe('the errors of an AggregateError', () => {
  it('are all shown, each with its number, its stack and its cause', async () => {
    const error = await Promise.any([
      Promise.reject(new Error('no route', { cause: plain('cable') })),
      Promise.reject(new TypeError('no host'))
    ]).catch((reason: unknown) => reason)
    const text = Cause.pretty(Cause.die(error))
    expect(text).toMatch(/^died of a defect: AggregateError: /)
    expect(text).toMatch(/error 1 of 2: Error: no route\n[\s\S]*pretty-nested\.test\.ts/)
    expect(text).toMatch(/caused by: Error: cable\n/)
    expect(text).toMatch(/error 2 of 2: TypeError: no host\n[\s\S]*pretty-nested\.test\.ts/)
  })

  it('are indented below it, and its own cause follows them', () => {
    const error = Object.assign(aggregate('both', [plain('one', plain('why')), 'two']), {
      cause: plain('outer')
    })
    expect(lines(error)).toEqual([
      'failed: AggregateError: both',
      '      error 1 of 2: Error: one',
      '      caused by: Error: why',
      '      error 2 of 2: two',
      '    caused by: Error: outer'
    ])
  })

  it('may be aggregates, or causes of others', () => {
    const inner = aggregate('inner', [plain('a'), plain('b')])
    expect(lines(plain('outer', aggregate('middle', [inner, plain('c')])))).toEqual([
      'failed: Error: outer',
      '    caused by: AggregateError: middle',
      '      error 1 of 2: AggregateError: inner',
      '        error 1 of 2: Error: a',
      '        error 2 of 2: Error: b',
      '      error 2 of 2: Error: c'
    ])
  })

  it('are found in errors of other classes with an errors property', () => {
    class Many extends Error {
      override readonly name = 'Many'
      constructor(readonly errors: ReadonlyArray<unknown>) {
        super('many')
      }
    }
    expect(lines(bare(new Many([plain('one')])))).toEqual([
      'failed: Many: many',
      '      error 1 of 1: Error: one'
    ])
    // What a codec calls its errors are none.
    expect(lines(bare(new Many([{ path: 'a' }])))).toEqual(['failed: Many: many'])
    expect(lines(Object.assign(plain('none'), { errors: 'no list' }))).toEqual(['failed: Error: none'])
    expect(lines(aggregate('empty', []))).toEqual(['failed: AggregateError: empty'])
  })

  it('are bounded, with a note: in one error', () => {
    const many = Array.from({ length: 1000 }, (_, index) => plain(`error ${index + 1}`))
    const told = lines(aggregate('many', many))
    expect(told[1]).toBe('      error 1 of 1000: Error: error 1')
    expect(told.at(-2)).toBe('      error 19 of 1000: Error: error 19')
    expect(told.at(-1)).toBe('      and 981 more, left out')
  })

  it('are bounded, with a note: in nested errors', () => {
    const tree = (depth: number): Error =>
      depth === 0
        ? plain('leaf')
        : aggregate(
            `level ${depth}`,
            Array.from({ length: 9 }, () => tree(depth - 1))
          )
    const told = lines(tree(5))
    expect(told.filter((line) => line.includes('Error: ')).length).toBe(20)
    expect(told.at(-1)).toBe('      and 8 more, left out')
    // Five stand within each other, and of the last nothing is said that it holds, but how many.
    expect(told.slice(4, 7)).toEqual([
      `            error 1 of 9: AggregateError: level 1`,
      `              and 9 more, left out`,
      `            error 2 of 9: AggregateError: level 1`
    ])
  })

  it('may contain it, or each other', () => {
    const error = aggregate('itself', [])
    error.errors.push(error, plain('another', error))
    expect(lines(error)).toEqual([
      'failed: AggregateError: itself',
      '      error 1 of 2: AggregateError: itself, which is shown above',
      '      error 2 of 2: Error: another',
      '      caused by: AggregateError: itself, which is shown above'
    ])
  })
})

describe('a SuppressedError', () => {
  // As the host makes it, or what compilers put in its place.
  const suppressing = (error: unknown, suppressed: unknown): Error =>
    Object.assign(plain('disposal'), { name: 'SuppressedError', error, suppressed })

  it('shows both of its errors', () => {
    expect(lines(suppressing(plain('closing'), plain('reading')))).toEqual([
      'failed: SuppressedError: disposal',
      '      error 1 of 2: Error: closing',
      '      error 2 of 2: Error: reading'
    ])
  })

  it('of many failed disposals is bounded', () => {
    let error = plain('reading')
    for (let depth = 0; depth < 10_000; depth++) error = suppressing(plain('closing'), error)
    expect(lines(error).at(-1)?.trim()).toBe('and 2 more, left out')
  })
})

describe('a chain of causes', () => {
  it('of five is shown completely', () => {
    expect(lines(chain(5))).toEqual([
      'failed: Error: error 1',
      ...[2, 3, 4, 5].map((number) => `    caused by: Error: error ${number}`)
    ])
  })

  it('that is longer shows how many are omitted', () => {
    expect(lines(chain(6)).slice(-2)).toEqual([
      '    caused by: Error: error 5',
      '    caused by 1 more, left out'
    ])
    expect(lines(chain(30)).at(-1)).toBe('    caused by 25 more, left out')
    expect(lines(chain(5000)).at(-1)).toBe('    caused by more than 999 more, left out')
  })

  it('that is cyclic ends at the first repeated error', () => {
    const first = plain('first')
    first.cause = plain('second', first)
    expect(lines(first)).toEqual([
      'failed: Error: first',
      '    caused by: Error: second',
      '    caused by: Error: first, which is shown above'
    ])
    const long = chain(10)
    let last: Error = long
    while (last.cause instanceof Error) last = last.cause
    last.cause = long
    expect(lines(long).at(-1)).toBe('    caused by more than 999 more, left out')
  })

  it('may end in a value that is no Error', () => {
    expect(lines(plain('outer', 'words'))).toEqual(['failed: Error: outer', '    caused by: words'])
    expect(lines(plain('outer', { _tag: 'NotFound' }))).toEqual([
      'failed: Error: outer',
      '    caused by: NotFound {"_tag":"NotFound"}'
    ])
  })

  it('with a getter that throws shows the other errors', () => {
    const bad = bare(
      Object.defineProperty(new Error('bad'), 'cause', {
        get() {
          throw new Error('getter')
        }
      })
    )
    expect(lines(plain('outer', bad))).toEqual(['failed: Error: outer', '    caused by: Error: bad'])
    expect(lines(aggregate('all', [bad, plain('good')]))).toEqual([
      'failed: AggregateError: all',
      '      error 1 of 2: Error: bad',
      '      error 2 of 2: Error: good'
    ])
  })
})
