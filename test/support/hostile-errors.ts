/** Errors with getters that throw or change. */

const throwing = (key: string, error: Error = new Error('as it says')): Error =>
  Object.defineProperty(error, key, {
    get: () => {
      throw new Error(`the getter of ${key} has thrown`)
    }
  })

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable(new Error('gone'), {})
  revoke()
  return proxy
}

const refusing = (): object =>
  new Proxy(new Error('hidden'), {
    get: () => {
      throw new Error('no field of it can be read')
    },
    getPrototypeOf: () => Error.prototype
  })

/** By what is wrong with them. Each is a new one. */
export const hostileErrors: ReadonlyArray<readonly [what: string, make: () => unknown]> = [
  ...['message', 'stack', 'name', 'code', 'cause', '_tag', 'errors'].map(
    (key) => [`whose ${key} throws`, () => throwing(key)] as const
  ),
  ['of which every field throws', refusing],
  ['that is a revoked proxy', revoked],
  ['whose message is a symbol', () => Object.assign(new Error(), { message: Symbol('no text') })],
  ['whose name is an object', () => Object.assign(new Error('as it says'), { name: {} })],
  ['whose stack is a function', () => Object.assign(new Error('as it says'), { stack: () => 'no' })],
  [
    'whose code is an object that throws',
    () => Object.assign(new Error('as it says'), { code: throwing('toString') })
  ],
  [
    'that holds errors in a list that throws',
    () =>
      Object.assign(new Error('as it says'), {
        name: 'AggregateError',
        errors: new Proxy([1], {
          get: () => {
            throw new Error('no item can be read')
          }
        })
      })
  ],
  ['that is an object whose toJSON throws', () => ({ toJSON: () => throwing('message').message })],
  ['that is an object without prototype', () => Object.create(null)]
]

/** As many characters as an error has that holds what it was sent. */
export const many = 5_000_000
