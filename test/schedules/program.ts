/** The type of a small program, whose every interleaving is tried. */
import { type Fiber, Group, Task } from 'aio-ts'
import { isRight } from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { tagsOf } from '../support/exits.js'

/** A name; what makes the program, fresh state included; and how it may end, in words. Each of those ends must occur. */
export type Program = readonly [
  name: string,
  make: () => Task.Task<unknown, string>,
  ends: ReadonlyArray<string>
]

/** A group whose failures are nobody's business here, closed at the end. At most three fibers are to run in it. */
export const inGroup = (
  body: (group: Group<unknown>) => Generator<Task.Task<any, any>, string, any>
): Task.Task<unknown, string> =>
  Task.gen(function* () {
    const group = yield* Group.make<unknown>({ onFailure: () => {} })
    const end = yield* body(group)
    yield* group.asyncClose()
    return end
  })

/** `value`, or the tags of the reasons. */
export const endOf = (fiber: Fiber<unknown, unknown>): Task.Task<never, string> =>
  pipe(
    fiber.wait(),
    Task.map((exit) => (isRight(exit) ? 'value' : tagsOf(exit).join('+')))
  )

/** As many operations as there are, at each of which others may come in. */
export const steps = (count: number): Task.Task<never, void> =>
  count === 0
    ? Task.unit
    : pipe(
        Task.sync(() => undefined),
        Task.flatMap(() => steps(count - 1))
      )
