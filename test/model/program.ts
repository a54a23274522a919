/**
 * Small programs as data, so that they can be generated, printed and shrunk. Every wait in them can be ended at the end of the run (the
 * queue closes, the latch opens, the deferred is completed): a run that hangs is a fault of the library, never of the program. That is
 * why the uninterruptible bodies have no joins and no waits for permits.
 */
import fc from 'fast-check'

export type Step =
  | { readonly step: 'yield' | 'get' | 'getAll' | 'put' | 'putNowait' | 'getNowait' }
  | { readonly step: 'forEach'; readonly leaveAfter: number }
  | { readonly step: 'sleep'; readonly ms: number }
  | { readonly step: 'latch'; readonly act: 'open' | 'shut' | 'wait' }
  | { readonly step: 'deferred'; readonly act: 'succeed' | 'wait' }
  | { readonly step: 'end'; readonly how: 'fail' | 'die' | 'interrupt' }
  | {
      readonly step: 'strike'
      readonly victim: number
      readonly order: 'before' | 'after'
      readonly with: Act
    }
  | { readonly step: 'uninterruptible' | 'restore' | 'absorb' | 'outlast' | 'recover'; readonly body: Body }
  | { readonly step: 'bracket'; readonly body: Body; readonly release: 'at once' | 'slow' | 'dies' }
  | { readonly step: 'ensuring'; readonly body: Body; readonly finalizer: Body }
  /** One and the same Task value, run twice. */
  | { readonly step: 'twice'; readonly body: Body; readonly how: 'in turn' | 'at once' }
  | { readonly step: 'race' | 'all'; readonly body: Body; readonly other: Body }
  | { readonly step: 'timeout'; readonly ms: number; readonly body: Body }
  | { readonly step: 'withPermits' | 'tryWithPermits'; readonly permits: number; readonly body: Body }
  | { readonly step: 'spawn'; readonly body: Body; readonly nowait: boolean }
  | { readonly step: 'subgroup'; readonly members: ReadonlyArray<Body>; readonly how: Close }
  | {
      readonly step: 'withGroup'
      readonly body: Body
      readonly members: ReadonlyArray<Body>
      readonly wait: boolean
      /** How many resources the group acquires. */
      readonly acquires: number
    }
  | { readonly step: 'join'; readonly below: number; readonly interrupt: boolean }
  | { readonly step: 'closeShared'; readonly how: Close; readonly wait: boolean }

export type Close = 'now' | 'patiently' | 'graciously'

/** What happens in the very turn in which somebody is interrupted. */
export type Act = 'put' | 'get' | 'open' | 'succeed' | 'nothing' | 'closeQueue'
export type Body = ReadonlyArray<Step>

export interface Program {
  readonly maxsize: number
  readonly permits: number
  readonly open: boolean
  readonly fibers: ReadonlyArray<Body>
  /** After so many steps of its own somebody else interrupts this fiber: some let all others go first at each step. */
  readonly strikes: ReadonlyArray<Strike>
  readonly closeQueueAfter: number | undefined
}

export interface Strike {
  readonly steps: number
  readonly isPolite: boolean
  readonly victim: number
  /** Waits until the victim has ended. */
  readonly wait: boolean
}

/** A program and its interleaving. */
export interface Setting {
  readonly program: Program
  readonly yieldEvery: 1 | 2
  readonly seed: number
}

const victim = fc.nat(3)
const ms = fc.constantFrom(0, 1, 2, 5)

const simple: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ step: fc.constantFrom('get', 'put') }) },
  {
    weight: 4,
    arbitrary: fc.record({ step: fc.constantFrom('yield', 'getAll', 'putNowait', 'getNowait') })
  },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant('forEach'), leaveAfter: fc.integer({ min: 1, max: 3 }) })
  },
  { weight: 2, arbitrary: fc.record({ step: fc.constant('sleep'), ms }) },
  {
    weight: 2,
    arbitrary: fc.record({ step: fc.constant('latch'), act: fc.constantFrom('open', 'shut', 'wait') })
  },
  {
    weight: 2,
    arbitrary: fc.record({ step: fc.constant('deferred'), act: fc.constantFrom('succeed', 'wait') })
  },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant('end'), how: fc.constantFrom('fail', 'die', 'interrupt') })
  },
  {
    weight: 4,
    arbitrary: fc.record({
      step: fc.constant('strike'),
      victim,
      order: fc.constantFrom('before', 'after'),
      with: fc.constantFrom('put', 'put', 'get', 'get', 'open', 'succeed', 'nothing', 'closeQueue')
    })
  }
) as fc.Arbitrary<Step>

const bodyOf = (step: fc.Arbitrary<Step>, maxLength: number): fc.Arbitrary<Body> =>
  fc.array(step, { minLength: 1, maxLength })

const close = fc.constantFrom('now', 'patiently', 'graciously')

/** Steps that whoever cannot be interrupted may take. What they spawn waits for nobody. */
const bounded: fc.Arbitrary<Step> = fc.letrec<{ step: Step }>((tie) => {
  const body = bodyOf(tie('step'), 3)
  return {
    step: fc.oneof(
      { maxDepth: 2 },
      { weight: 8, arbitrary: simple },
      {
        weight: 4,
        arbitrary: fc.record({
          step: fc.constantFrom('uninterruptible', 'restore', 'absorb', 'outlast', 'recover'),
          body
        }) as fc.Arbitrary<Step>
      },
      {
        weight: 2,
        arbitrary: fc.record({
          step: fc.constant('bracket'),
          body,
          release: fc.constantFrom('at once', 'slow', 'dies')
        }) as fc.Arbitrary<Step>
      },
      {
        weight: 2,
        arbitrary: fc.record({
          step: fc.constant('ensuring'),
          body,
          finalizer: body
        }) as fc.Arbitrary<Step>
      },
      {
        weight: 1,
        arbitrary: fc.record({
          step: fc.constant('twice'),
          body,
          how: fc.constantFrom('in turn', 'at once')
        }) as fc.Arbitrary<Step>
      },
      {
        weight: 2,
        arbitrary: fc.record({
          step: fc.constantFrom('race', 'all'),
          body,
          other: body
        }) as fc.Arbitrary<Step>
      },
      { weight: 2, arbitrary: fc.record({ step: fc.constant('timeout'), ms, body }) as fc.Arbitrary<Step> },
      {
        weight: 1,
        arbitrary: fc.record({
          step: fc.constant('spawn'),
          body,
          nowait: fc.boolean()
        }) as fc.Arbitrary<Step>
      },
      {
        weight: 1,
        arbitrary: fc.record({
          step: fc.constant('tryWithPermits'),
          permits: fc.integer({ min: 1, max: 2 }),
          body
        }) as fc.Arbitrary<Step>
      }
    )
  }
}).step

const boundedBody = bodyOf(bounded, 4)

const withPermits = fc.record({
  step: fc.constant('withPermits'),
  permits: fc.integer({ min: 1, max: 2 }),
  body: boundedBody
}) as fc.Arbitrary<Step>

/** What may be spawned: it never waits for those who might wait for it. */
const spawned = bodyOf(fc.oneof({ weight: 4, arbitrary: bounded }, { weight: 1, arbitrary: withPermits }), 4)

const members = fc.array(spawned, { maxLength: 2 })

const top: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: bounded },
  { weight: 4, arbitrary: withPermits },
  {
    weight: 2,
    arbitrary: fc.record({
      step: fc.constant('spawn'),
      body: spawned,
      nowait: fc.boolean()
    }) as fc.Arbitrary<Step>
  },
  {
    weight: 2,
    arbitrary: fc.record({
      step: fc.constant('withGroup'),
      body: spawned,
      members,
      wait: fc.boolean(),
      acquires: fc.nat(3)
    }) as fc.Arbitrary<Step>
  },
  {
    weight: 1,
    arbitrary: fc.record({ step: fc.constant('subgroup'), members, how: close }) as fc.Arbitrary<Step>
  },
  {
    weight: 1,
    arbitrary: fc.record({
      step: fc.constant('join'),
      below: victim,
      interrupt: fc.boolean()
    }) as fc.Arbitrary<Step>
  },
  {
    weight: 1,
    arbitrary: fc.record({
      step: fc.constant('closeShared'),
      how: close,
      wait: fc.boolean()
    }) as fc.Arbitrary<Step>
  }
)

const program: fc.Arbitrary<Program> = fc.record({
  maxsize: fc.constantFrom(0, 1, 1, 2),
  permits: fc.constantFrom(2, 3),
  open: fc.boolean(),
  fibers: fc.array(bodyOf(top, 5), { minLength: 2, maxLength: 4 }),
  strikes: fc.array(fc.record({ steps: fc.nat(30), isPolite: fc.boolean(), victim, wait: fc.boolean() }), {
    maxLength: 3
  }),
  closeQueueAfter: fc.option(fc.nat(30), { nil: undefined, freq: 3 })
})

export const setting: fc.Arbitrary<Setting> = fc.record({
  program,
  yieldEvery: fc.constantFrom(1, 2),
  seed: fc.nat(1_000_000)
})
