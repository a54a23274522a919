import { Task, Group, Cause, Queue, Semaphore, runTask, first } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'
import { test } from 'vitest'
import { runVirtual } from '/work/main/test/support/kit.js'
test('a', async () => {
  const die = pipe(Task.sleep(10), Task.flatMap(() => Task.die('deep')))
  const cases: Record<string, Task.Task<any, any>> = {
   'uncancellable': pipe(die, Task.uncancellable()),
   'uninterruptible': pipe(die, Task.uninterruptible),
   'timeout(uncancellable)': pipe(die, Task.uncancellable(), Task.timeout(1000)),
   'timeout(uninterruptible)': pipe(die, Task.uninterruptible, Task.timeout(1000)),
   'timeout(timeout(uninterruptible))': pipe(die, Task.uninterruptible, Task.timeout(1000), Task.timeout(1000)),
   'timeout(timeout(uncancellable))': pipe(die, Task.uncancellable(), Task.timeout(1000), Task.timeout(1000)),
   'all(uncancellable)': Task.all([pipe(die, Task.uncancellable())]),
   'race(uncancellable)': pipe(die, Task.uncancellable(), Task.race(Task.never)),
   'all(uninterruptible)': Task.all([pipe(die, Task.uninterruptible)]),
   'race(uninterruptible)': pipe(die, Task.uninterruptible, Task.race(Task.never)),
   'withGroup(uncancellable)': Task.withGroup(() => pipe(die, Task.uncancellable())),
   'withGroup(uninterruptible)': Task.withGroup(() => pipe(die, Task.uninterruptible)),
   'withGroup member(uncancellable)': Task.withGroup((g: Group<never>) => pipe(g.spawn(pipe(die, Task.uncancellable())), Task.flatMap(() => Task.never))),
   'uncancellable(timeout(uninterruptible))': pipe(die, Task.uninterruptible, Task.timeout(1000), Task.uncancellable()),
   'ensuring die in timeout': pipe(Task.never, Task.ensuring(Task.die('deep')), Task.timeout(1000)),
   'ensuring die in timeout timeout': pipe(Task.never, Task.ensuring(Task.die('deep')), Task.timeout(1000), Task.timeout(1000)),
   'ensuring die in all': Task.all([pipe(Task.never, Task.ensuring(Task.die('deep')))]),
   'ensuring die in race': pipe(Task.never, Task.ensuring(Task.die('deep')), Task.race(Task.never)),
  }
  const out: string[] = []
  for (const [n, t] of Object.entries(cases)) {
   const r = await runVirtual(Task.gen(function*(){
    const heard: string[] = []
    const group = yield* Group.make<any>({onFailure: c => heard.push(Cause.pretty(c).split('\n')[0]!)})
    const fiber = yield* group.spawn(t)
    yield* Task.sleep(1)
    yield* group.asyncClose()
    const e = JSON.stringify(yield* fiber.wait())
    out.push(`${e.includes('deep') ? 'kept' : 'LOST'} ${heard.length === 0 ? 'silent' : 'heard'} ${n} ${e.slice(0,10)}`)
   }))
   if (r.reports.length) out.push('   reported ' + r.reports.map(Cause.pretty))
  }
  console.log(out.join('\n'))
})
