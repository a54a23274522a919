/** Laws of this library: of bracket and finalizers, of race and timeout, of masks, also under an interruption at any moment. */
import { type Exit, Group, Task, TimeoutError } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { describe, it } from 'vitest'
import { summary } from '../support/exits.js'
import { arrowOf, law, type Plan, type SomeTask, taskOf } from './tasks.js'

const fails = (error: string): SomeTask => Task.fail(error)

/** How `task` ends where somebody interrupts it when `plan` would end; what it did is in `log`. */
const struck = (plan: Plan, task: Task.Task<unknown, unknown>): Task.Task<unknown, unknown> =>
  Task.gen(function* () {
    const group = yield* Group.make<unknown>({ onFailure: () => undefined })
    const fiber = yield* group.spawn(task)
    yield* Task.sleep(plan.after)
    fiber.interruptNowait()
    const exit: Exit.Exit<unknown, unknown> = yield* fiber.wait()
    yield* group.asyncClose()
    return summary(exit)
  })

/** Counts how often it runs, and gives the count behind what `task` ends with. */
const counting = (
  make: (mark: Task.Task<never, void>) => Task.Task<unknown, unknown>
): Task.Task<unknown, unknown> =>
  Task.suspend(() => {
    let count = 0
    return pipe(
      Task.exit(make(Task.sync(() => void count++))),
      Task.map((exit) => [summary(exit), count])
    )
  })

describe('finalizers', () => {
  it(
    'a bracket that releases nothing is continuing with the acquired value',
    law(2, (p, q) => [
      Task.bracket(taskOf(p), arrowOf(q), () => Task.unit),
      pipe(taskOf(p), Task.flatMap(arrowOf(q)))
    ])
  )

  it(
    'a bracket around a present value is a finalizer',
    law(1, (p) => [
      Task.bracket(
        Task.succeed(5),
        () => taskOf(p),
        () => fails('release')
      ),
      pipe(taskOf(p), Task.ensuring(fails('release')))
    ])
  )

  it(
    'a bracket releases once if it acquired, else never',
    law(2, (p, q) => [
      counting((mark) =>
        Task.bracket(
          taskOf(p),
          () => taskOf(q),
          () => mark
        )
      ),
      pipe(
        Task.exit(
          pipe(
            taskOf(p),
            Task.flatMap(() => taskOf(q))
          )
        ),
        Task.map((exit) => [summary(exit), p.ending === 'value' ? 1 : 0])
      )
    ])
  )

  it(
    'ensuring nothing changes nothing',
    law(1, (p) => [pipe(taskOf(p), Task.ensuring(Task.unit)), taskOf(p)])
  )

  it(
    'ensuring is onExit that ignores the exit',
    law(2, (p, q) => [
      pipe(taskOf(p), Task.ensuring(taskOf(q))),
      pipe(
        taskOf(p),
        Task.onExit(() => taskOf(q))
      )
    ])
  )

  it(
    'ensuring one and then another is ensuring both',
    law(3, (p, q, r) => [
      pipe(taskOf(p), Task.ensuring(taskOf(q)), Task.ensuring(taskOf(r))),
      pipe(taskOf(p), Task.ensuring(pipe(taskOf(q), Task.ensuring(taskOf(r)))))
    ])
  )

  it(
    'onInterrupt changes nothing without an interruption',
    law(1, (p) => [pipe(taskOf(p), Task.onInterrupt(fails('seen'))), taskOf(p)])
  )

  it(
    'a finalizer runs once, whenever the interruption comes',
    law(2, (p, q) => [
      counting((mark) => struck(q, pipe(taskOf(p), Task.ensuring(mark)))),
      pipe(
        struck(q, taskOf(p)),
        Task.exit,
        Task.map((exit) => [summary(exit), 1])
      )
    ])
  )
})

describe('race', () => {
  it(
    'a success wins against a task that never ends',
    law(1, (p) => {
      const task = taskOf({ ...p, ending: 'value' })
      return [pipe(task, Task.race(Task.never)), task]
    })
  )

  it(
    'the time of a failure does not matter',
    law(1, (p) => {
      const task = taskOf({ ...p, after: p.after + 1 })
      return [pipe(fails('sooner'), Task.race(task)), task]
    })
  )

  it(
    'with swapped sides is the same',
    law(2, (p, q) => [pipe(taskOf(p), Task.race(taskOf(q))), pipe(taskOf(q), Task.race(taskOf(p)))])
  )

  it(
    'of three tasks is a race against a race, if no side dies',
    law(3, (...plans) => {
      const [p, q, r] = plans.map((plan) =>
        taskOf(plan.ending === 'defect' ? { ...plan, ending: 'failure' } : plan)
      ) as [SomeTask, SomeTask, SomeTask]
      return [Task.raceAll([p, q, r]), pipe(p, Task.race(pipe(q, Task.race(r))))]
    })
  )

  it(
    'of one task is that task',
    law(1, (p) => [Task.raceAll([taskOf(p)]), taskOf(p)])
  )
})

describe('timeout', () => {
  it(
    'that does not elapse changes nothing',
    law(1, (p) => [pipe(taskOf(p), Task.timeout(p.after + 50)), taskOf(p)])
  )

  it(
    'of a task that never ends is a sleep and its error',
    law(1, (p) => [
      pipe(Task.never, Task.timeout(p.after)),
      pipe(
        Task.sleep(p.after),
        Task.flatMap(() => Task.fail(new TimeoutError(p.after)))
      )
    ])
  )

  it(
    'within a shorter one is the shorter one',
    law(2, (p, q) => [
      pipe(taskOf(p), Task.timeout(q.after + 300), Task.timeout(q.after)),
      pipe(taskOf(p), Task.timeout(q.after))
    ])
  )

  it(
    'lets a recovering handler continue',
    law(2, (p, q) => [
      pipe(
        Task.never,
        Task.timeout(p.after),
        Task.orElse(() => taskOf(q))
      ),
      pipe(
        Task.sleep(p.after),
        Task.flatMap(() => taskOf(q))
      )
    ])
  )
})

describe('masks', () => {
  it(
    'change nothing without an interruption',
    law(1, (p) => [
      Task.uninterruptible(Task.interruptible(pipe(taskOf(p), Task.uncancellable()))),
      taskOf(p)
    ])
  )

  it(
    'applied twice are applied once',
    law(3, (p, q, r) => [
      struck(
        q,
        pipe(
          Task.uninterruptible(Task.uninterruptible(taskOf(p))),
          Task.flatMap(() => taskOf(r))
        )
      ),
      struck(
        q,
        pipe(
          Task.uninterruptible(taskOf(p)),
          Task.flatMap(() => taskOf(r))
        )
      )
    ])
  )

  it(
    'opened again leave the task as interruptible as it was',
    law(3, (p, q, r) => {
      const next = Task.flatMap(() => taskOf(r))
      return [
        struck(
          q,
          pipe(
            Task.uninterruptibleMask((restore) => restore(taskOf(p))),
            next
          )
        ),
        struck(q, pipe(taskOf(p), next))
      ]
    })
  )

  it(
    'around restore are not removed by it',
    law(3, (p, q, r) => {
      const next = Task.flatMap(() => taskOf(r))
      return [
        struck(
          q,
          pipe(Task.uninterruptible(Task.uninterruptibleMask((restore) => restore(taskOf(p)))), next)
        ),
        struck(q, pipe(Task.uninterruptible(taskOf(p)), next))
      ]
    })
  )

  it(
    'are not inherited by sides of a race',
    law(2, (p, q) => [
      struck(q, Task.uninterruptible(pipe(Task.never, Task.timeout(p.after), Task.either))),
      pipe(
        pipe(Task.never, Task.timeout(p.after), Task.either),
        Task.exit,
        Task.delay(0),
        Task.flatMap((exit) =>
          q.after > p.after
            ? pipe(Task.sleep(q.after - p.after), Task.as(summary(exit)))
            : Task.succeed(summary(exit))
        )
      )
    ])
  )

  it(
    'that absorb hide the interruption',
    law(2, (p, q) => [
      struck(
        { ...q, after: p.after },
        pipe(
          Task.sleep(p.after + 1),
          Task.flatMap(() => taskOf(q)),
          Task.uncancellable({ raiseCancel: false })
        )
      ),
      pipe(
        Task.exit(
          pipe(
            Task.sleep(p.after + 1),
            Task.flatMap(() => taskOf(q))
          )
        ),
        Task.map(summary)
      )
    ])
  )
})
