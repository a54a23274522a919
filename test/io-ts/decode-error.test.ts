/** The message of a refused value: position, expected type, actual value, in bounded length. */
import { DecodeError } from 'aio-ts/io-ts'
import * as t from 'io-ts'
import { describe, expect, it } from 'vitest'
import { leftOf } from '../support/exits.js'

const messageOf = (codec: t.Mixed, value: unknown): string => {
  const answer = codec.decode(value)
  return new DecodeError(leftOf(answer)).message
}

const Address = t.type({ street: t.string, zip: t.string }, 'Address')
const User = t.type({ name: t.string, age: t.number, address: Address }, 'User')
const address = { street: 'Main', zip: '1' }
const Cat = t.type({ name: t.string, meows: t.boolean }, 'Cat')
const Dog = t.type({ name: t.string, barks: t.boolean }, 'Dog')
const CatAndDog = t.intersection([Cat, Dog])

describe('the position of an error', () => {
  it('is on one line if it is the only one', () => {
    expect(messageOf(User, { name: 'Ada', age: '36', address })).toBe(
      'cannot decode User: .age: expected number, got "36"'
    )
  })

  it('is on a line of its own if there are several, in the order of the codec', () => {
    expect(messageOf(User, { name: 1, age: 36, address: { street: 'Main', zip: 2 } })).toBe(
      [
        'cannot decode User:',
        '  .name: expected string, got 1',
        '  .address.zip: expected string, got 2'
      ].join('\n')
    )
  })

  it('is empty for the value itself', () => {
    expect(messageOf(User, null)).toBe('cannot decode the value: expected User, got null')
    expect(messageOf(t.string, 1)).toBe('cannot decode the value: expected string, got 1')
  })

  it('has the index of an element, also of a tuple', () => {
    expect(messageOf(t.array(User), [{ name: 'Ada', age: 36, address }, 5])).toContain(
      ': [1]: expected User, got 5'
    )
    expect(
      messageOf(t.type({ pairs: t.array(t.tuple([t.string, t.number])) }), { pairs: [['a', 'b']] })
    ).toContain(': .pairs[0][1]: expected number, got "b"')
  })

  it('quotes a key that is no identifier, also a number', () => {
    const record = t.record(t.string, t.number)
    expect(messageOf(record, { 'odd key': 'x' })).toContain(': ["odd key"]: expected number')
    expect(messageOf(record, { 12: 'x' })).toContain(': ["12"]: expected number')
    expect(messageOf(record, { 'line\nbreak': 'x' })).toContain(': ["line\\nbreak"]: expected number')
    expect(messageOf(record, { größe: 'x' })).toContain(': .größe: expected number')
  })

  it('is complete for recursive codecs', () => {
    interface Tree {
      readonly n: number
      readonly kids: ReadonlyArray<Tree>
    }
    const Tree: t.Type<Tree> = t.recursion('Tree', () => t.type({ n: t.number, kids: t.readonlyArray(Tree) }))
    expect(messageOf(Tree, { n: 1, kids: [{ n: 2, kids: [{ n: 'x', kids: [] }] }] })).toBe(
      'cannot decode Tree: .kids[0].kids[0].n: expected number, got "x"'
    )
  })
})

describe('missing values', () => {
  it('are keys or elements that do not exist', () => {
    expect(messageOf(User, { name: 'Ada', age: 36 })).toContain(
      ': .address: expected Address, got nothing: the key is missing'
    )
    expect(messageOf(t.tuple([t.string, t.number]), ['a'])).toContain(
      ': [1]: expected number, got nothing: the element is missing'
    )
  })

  it('are not keys that exist with the value undefined', () => {
    expect(messageOf(t.type({ name: t.string }), { name: undefined })).toContain(
      ': .name: expected string, got undefined'
    )
  })

  it('may be members of a union', () => {
    expect(messageOf(t.type({ id: t.union([t.string, t.number]) }), {})).toContain(
      ': .id: expected (string | number), got nothing: the key is missing'
    )
  })
})

describe('unions', () => {
  it('report a value that is no member once', () => {
    expect(messageOf(t.type({ id: t.union([t.string, t.number]) }), { id: true })).toBe(
      'cannot decode { id: (string | number) }: .id: expected (string | number), got true'
    )
  })

  it('report only the errors of the member that matched furthest', () => {
    const Nullable = t.union([User, t.null])
    expect(messageOf(Nullable, { name: 'Ada', age: 36, address: { street: 1, zip: '1' } })).toBe(
      'cannot decode (User | null): .address.street: expected string, got 1'
    )
    expect(messageOf(Nullable, 5)).toBe('cannot decode the value: expected (User | null), got 5')
  })

  it('report the errors of each of several members that matched furthest', () => {
    expect(messageOf(t.type({ pet: t.union([Cat, Dog]) }), { pet: { name: 'Rex', barks: 1 } })).toBe(
      [
        'cannot decode { pet: (Cat | Dog) }:',
        '  .pet: expected (Cat | Dog), got {"name":"Rex","barks":1}',
        '    as Cat: .pet.meows: expected boolean, got nothing: the key is missing',
        '    as Dog: .pet.barks: expected boolean, got 1'
      ].join('\n')
    )
  })

  it('with a tag report the errors of the member with the tag, or the tag', () => {
    const Made = t.type({ type: t.literal('made'), id: t.number }, 'Made')
    const Gone = t.type({ type: t.literal('gone'), why: t.string }, 'Gone')
    const events = t.array(t.union([Made, Gone], 'Event'))
    expect(messageOf(events, [{ type: 'gone', why: 1 }, { type: 'lost' }, {}, 4, []])).toBe(
      [
        'cannot decode Array<Event>:',
        '  [0].why: expected string, got 1',
        '  [1].type: expected the tag of a member of Event, got "lost"',
        '  [2].type: expected the tag of a member of Event, got nothing: the key is missing',
        '  [3]: expected Event, got 4',
        '  [4]: expected Event, got []'
      ].join('\n')
    )
  })

  it('within wrappers and custom codecs have no index of the member in the position', () => {
    const choice = t.union([t.string, Cat])
    const own = new t.Type<unknown>(
      'Own',
      (_u): _u is unknown => true,
      (u, c) => choice.validate(u, c),
      t.identity
    )
    const refined = t.refinement(t.readonly(choice), () => true, 'Refined')
    for (const codec of [own, refined]) {
      expect(messageOf(t.type({ pet: codec }), { pet: { name: 1, meows: true } })).toContain(
        ': .pet.name: expected string, got 1'
      )
    }
  })
})

describe('intersections', () => {
  const Both = t.intersection([t.type({ a: t.string }), t.partial({ b: t.number })], 'Both')

  it('report a value that is none of the parts once', () => {
    expect(messageOf(t.type({ both: t.array(Both) }), { both: [5] })).toBe(
      'cannot decode { both: Array<Both> }: .both[0]: expected Both, got 5'
    )
  })

  it('have no index of a part in the position', () => {
    expect(messageOf(Both, { a: 1, b: 'x' })).toBe(
      ['cannot decode Both:', '  .a: expected string, got 1', '  .b: expected number, got "x"'].join('\n')
    )
  })

  it('keep the errors of other parts if one part refuses the whole value', () => {
    const Odd = t.intersection([t.type({ id: t.union([t.string, t.number]) }), t.UnknownArray], 'Odd')
    expect(messageOf(Odd, { id: true })).toBe(
      [
        'cannot decode Odd:',
        '  .id: expected (string | number), got true',
        '  the value: expected UnknownArray, got {"id":true}'
      ].join('\n')
    )
  })

  it('within unions, and unions within them, have no indices', () => {
    const Deep = t.intersection([t.type({ id: t.union([t.string, Both]) }), t.type({ n: t.number })], 'Deep')
    expect(messageOf(t.union([t.null, Deep]), { id: { a: 1 }, n: 1 })).toBe(
      'cannot decode (null | Deep): .id.a: expected string, got 1'
    )
  })
})

describe('the actual value', () => {
  it.each([
    [1.5, t.Int, 'Int, got 1.5'],
    [Number.NaN, t.string, 'string, got NaN'],
    [10n, t.string, 'string, got 10n'],
    [Symbol('s'), t.string, 'string, got Symbol(s)'],
    [() => 1, t.string, 'string, got a function'],
    [Math.max, t.string, 'string, got function max'],
    [new Date(0), t.string, 'string, got Date 1970-01-01T00:00:00.000Z'],
    [new Date(Number.NaN), t.string, 'string, got an invalid Date'],
    [new RangeError('broken'), t.string, 'string, got RangeError: broken'],
    [new Map(), t.string, 'string, got Map {}'],
    [Object.create(null), t.string, 'string, got {}'],
    [{ a: [1, { b: 2 }], c: undefined }, t.string, 'string, got {"a":[1,{…}],"c":undefined}'],
    ['two\nlines', t.number, 'number, got "two\\nlines"']
  ])('%s is shown in the format of JSON', (value, codec, words) => {
    expect(messageOf(codec, value)).toBe(`cannot decode the value: expected ${words}`)
  })

  it('may be a cycle, a getter, a toJSON or a revoked proxy', () => {
    const circle: { self?: unknown } = {}
    circle.self = circle
    expect(messageOf(t.string, circle)).toContain('got {"self":{"self":{…}}}')
    const trap = {
      get trap(): string {
        throw new Error('looked at')
      },
      toJSON: () => {
        throw new Error('asked')
      }
    }
    expect(messageOf(t.string, trap)).toContain('got {"trap":…,"toJSON":function toJSON}')
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(messageOf(t.string, proxy)).toContain('got an object that cannot be read')
  })

  it('is truncated if it has long strings, many entries or long names', () => {
    expect(messageOf(t.number, 'x'.repeat(1_000_000))).toMatch(/got "x{60}"… \(1000000 characters\)$/)
    expect(
      messageOf(
        t.string,
        Array.from({ length: 1000 }, (_, n) => n)
      )
    ).toMatch(/got \[0,1,2,3,4,…\]$/)
    const wide = t.type(Object.fromEntries(Array.from({ length: 100 }, (_, n) => [`key${n}`, t.string])))
    expect(messageOf(wide, 1).length).toBeLessThan(150)
    expect(messageOf(t.record(t.string, t.number), { ['k'.repeat(1000)]: 'x' }).length).toBeLessThan(200)
  })

  it('is not shown under the key of a secret', () => {
    const Login = t.type({ user: t.string, password: t.number, session: t.string }, 'Login')
    const message = messageOf(Login, {
      user: 5,
      password: 'hunter2',
      session: { accessToken: 'abcdef', api_key: 'ghijkl', name: 'Ada' }
    })
    expect(message).toContain('.password: expected number, got a string (hidden)')
    expect(message).toContain('{"accessToken":(hidden),"api_key":(hidden),"name":"Ada"}')
    expect(message).not.toMatch(/hunter2|abcdef|ghijkl/)
  })
})

describe('the length of the message', () => {
  it('is limited to ten errors, and the others are counted', () => {
    const lines = messageOf(
      t.array(t.string),
      Array.from({ length: 1000 }, (_, n) => n)
    ).split('\n')
    expect(lines).toHaveLength(12)
    expect(lines[10]).toBe('  [9]: expected string, got 9')
    expect(lines[11]).toBe('  and 990 more')
  })

  it('admits exactly ten errors', () => {
    const message = messageOf(
      t.array(t.string),
      Array.from({ length: 10 }, (_, n) => n)
    )
    expect(message.split('\n')).toHaveLength(11)
    expect(message).not.toContain('more')
  })

  it('limits the errors of a large union', () => {
    const member = (n: number) => t.type({ [`key${n}`]: t.string }, `Member${n}`)
    const union = t.union([member(0), member(1), ...Array.from({ length: 18 }, (_, n) => member(n + 2))])
    const lines = messageOf(union, {}).split('\n')
    expect(lines).toHaveLength(8)
    expect(lines[7]).toBe('    and 15 more')
  })

  it('limits the errors within the member that matched furthest', () => {
    const many = Array.from({ length: 1000 }, (_, n) => n)
    const lines = messageOf(t.union([t.null, t.array(t.string)]), many).split('\n')
    expect(lines).toHaveLength(12)
    expect(lines[11]).toBe('  and 990 more')
  })

  it('is short for twenty thousand errors', () => {
    const message = messageOf(
      t.array(t.union([t.string, CatAndDog])),
      Array.from({ length: 20_000 }, (_, n) => n)
    )
    expect(message.length).toBeLessThan(2000)
    expect(message).toContain('and 19990 more')
  })
})

describe('messages of the codec', () => {
  const nice = (name: string) =>
    new t.Type<string>(
      name,
      t.string.is,
      (u, c) => (t.string.is(u) ? t.success(u) : t.failure(u, c, 'wants a nice text')),
      t.identity
    )

  it('replace the generated one at their position', () => {
    expect(messageOf(t.type({ text: nice('Nice') }), { text: 1 })).toBe(
      'cannot decode { text: Nice }: .text: wants a nice text'
    )
    expect(messageOf(t.union([t.number, nice('Nice')]), true)).toBe(
      'cannot decode the value: wants a nice text'
    )
  })

  it('may be missing, and the error is still reported', () => {
    expect(new DecodeError([]).message).toBe('cannot decode the value: the codec gave no reason')
    expect(new DecodeError([{ value: 1, context: [] }]).message).toBe(
      'cannot decode the value: expected another value, got 1'
    )
  })
})
