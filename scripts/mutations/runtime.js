/** Breakages of the run loop and of the modules below it. */

/** @type {ReadonlyArray<import('../mutate.js').Room>} */
export const runtime = [
  {
    file: 'runtime/run-loop.ts',
    tests: [
      'test/task/combine',
      'test/task/recover',
      'test/task/interrupt',
      'test/task/interruptibility',
      'test/runtime',
      'test/task/host-context',
      'test/coordination/fiber-local-scopes',
      'test/data/host-context',
      'test/task/host-context',
      'test/data/to-string',
      'test/data',
      'test/coordination/queue',
      'test/concurrency/group-acquire',
      'test/sweeps/gaps'
    ],
    breakages: [
      [
        'if (fiber.isInterruptionDue) fiber.current = deliver',
        '',
        'a fiber that has yielded is not interrupted'
      ],
      ['          if (budget > 0) budget--\n', '', 'nobody ever gives way'],
      [
        'if (found.taskOp > Op.Deliver) budget++',
        '',
        'a switch between what was taken and the frames that wait for it'
      ],
      [
        'if (fiber.waiting !== undefined && fiber.isInterruptionDue) {\n              current = fiber.waiting.abandon(fiber)\n              continue\n            }\n            slice.depth = depth',
        'slice.depth = depth',
        'a fiber that begins to wait with an interruption pending keeps waiting'
      ],
      [
        'if (fiber.waiting !== undefined && fiber.isInterruptionDue) {\n              current = fiber.waiting.abandon(fiber)\n              continue\n            }\n            return LoopEnd.Waits',
        'return LoopEnd.Waits',
        'a fiber that begins to sleep with an interruption pending keeps sleeping'
      ],
      [
        "if (failure !== undefined) continue\n                current = (kept as FlatMapNode['b'])(value)",
        "current = (kept as FlatMapNode['b'])(value)",
        'flatMap goes on after a failure'
      ],
      [
        "if (failure === undefined) value = (kept as MapNode['b'])(value)",
        "value = (kept as MapNode['b'])(value)",
        'map is called after a failure'
      ],
      [
        'failure = failCauseNode(Reasons.through(causeOf(failure), kept as string))',
        'failure = failCauseNode(causeOf(failure))',
        'names are missing in a trace'
      ],
      [
        'depth = slice.depth\n        budget = Math.min(budget, slice.budget)',
        'budget = Math.min(budget, slice.budget)',
        'frames that were popped before a throw are run again'
      ],
      [
        'else if (end === LoopEnd.Yielded) fiber.runtime.readyLater(fiber)',
        'else if (end === LoopEnd.Yielded) fiber.runtime.ready(fiber)',
        'yieldNow does not let everybody go first'
      ],
      ['    Object.assign(slice, outer)\n', '', 'a runSync within a turn spoils that turn'],
      [
        'fiber.markDelivered()\n            failure = failCauseNode',
        'failure = failCauseNode',
        'an interruption is not known to be the own one, and its signal does not abort'
      ],
      [
        'if (budget === 0 && ((fiber.flags & Flag.Masked) !== 0 || !beginsWithRegion(node))) {',
        'if (budget === 0) {',
        'a checkpoint comes before a region, and what was just taken is lost'
      ]
    ]
  },
  {
    file: 'runtime/failure-nodes.ts',
    tests: [
      'test/task/recover',
      'test/task/interrupt',
      'test/task/promise',
      'test/data/check-input',
      'test/concurrency/race',
      'test/concurrency/timeout',
      'test/concurrency/all',
      'test/concurrency/group-close-own',
      'test/runtime/edge'
    ],
    breakages: [
      [
        'export function taskFrom(value: unknown, where: string): Node {\n  if (value instanceof Node) return value',
        'export function taskFrom(value: unknown, where: string): Node {\n  if (value !== where) return value as Node',
        'what is no Task is run'
      ]
    ]
  },
  {
    file: 'runtime/cancellation.ts',
    tests: [
      'test/task/interrupt',
      'test/task/promise',
      'test/concurrency/race',
      'test/concurrency/timeout',
      'test/concurrency/all',
      'test/concurrency/group-close',
      'test/runtime/wait-queue-cost'
    ],
    breakages: [
      [
        'fiber.flags |= Flag.Masked | Flag.CleaningUp',
        '',
        'the clean-up of an interrupted wait can be interrupted'
      ],
      ['  fiber.flags |= Flag.Delivered\n', '', 'an interruption that had to clean up can be caught'],
      [
        'failedCleanup === undefined ? interruption : Reasons.combine(interruption, failedCleanup)',
        'interruption',
        'what went wrong while stopping is dropped'
      ],
      ['  fiber.abort()\n', '', 'the signal of an interrupted fiber does not abort before its clean-up'],
      ['  toStop.length = 0\n', '', 'a fiber that is interrupted later is never stopped'],
      [
        'if (toStop.length === 0) signal()\n  else afterwards.push(signal)',
        'signal()',
        'a signal aborts before all fibers that are stopped with it have left their waits'
      ]
    ]
  },
  {
    file: 'runtime/interruption.ts',
    tests: [
      'test/task/interrupt',
      'test/task/interruptibility',
      'test/task/ensuring-and-bracket',
      'test/task/uncancellable',
      'test/task/promise',
      'test/concurrency/call'
    ],
    breakages: [
      ['  fiber.flags |= Flag.Masked\n', '', 'finalizers can be interrupted'],
      [
        'fiber.flags = (fiber.flags & ~Flag.Delivered) | Flag.CleaningUp',
        'fiber.flags = fiber.flags & ~Flag.Delivered',
        'a clean-up that is made interruptible is interrupted again'
      ],
      [
        'fiber.flags &= ~(Flag.Requested | Flag.Delivered)',
        'fiber.flags &= ~Flag.Delivered',
        'an interruption that had its effect comes again'
      ]
    ]
  },
  {
    file: 'runtime/public-fiber.ts',
    tests: ['test/runtime/public-fiber', 'test/concurrency/group-spawn', 'test/package/bundles'],
    breakages: [
      [
        'if (fiber === target) return make(Op.FailCause, selfWait(target))',
        '',
        'a fiber that joins itself waits for ever'
      ],
      [
        "exit._tag === 'Right' ? succeed(exit.right) : make(Op.FailCause, exit.left)",
        "exit._tag === 'Right' ? succeed(exit.right) : succeed(exit.left)",
        'a join gives a cause as a value'
      ],
      ['  installMethods(FiberState, Handle)\n', '', 'a fiber can do nothing of what fibers can']
    ]
  },
  {
    file: 'core/diagnostics.ts',
    tests: ['test/package/bundles', 'test/data/check-input'],
    breakages: [
      [
        'others, hidesTrouble, pastHandler, wrongTask }',
        'hidesTrouble, pastHandler, wrongTask }',
        'the second failure is silent'
      ]
    ]
  },
  {
    file: 'runtime/wait-queue.ts',
    tests: ['test/coordination/semaphore', 'test/coordination/deferred', 'test/runtime/wait-queue-cost'],
    breakages: [
      ['    this.leave()\n', '', 'an interrupted waiter stays in line and takes what comes'],
      ['    this.queue.onLeave?.()\n', '', 'those behind an interrupted head are not looked at'],
      [
        '    first.previous = waiter\n  }',
        '    first.previous = waiter\n    queue.first = waiter\n  }',
        'last come, first served'
      ],
      ['if (queue.first === this) queue.first = next', '', 'the first in line cannot leave'],
      [
        '      previous.next = next\n      next.previous = previous\n      if',
        '      previous.next = next\n      if',
        'a line that somebody left is broken'
      ],
      [
        'for (let waiter = dequeue(queue); waiter !== undefined; waiter = dequeue(queue)) waiter.fiber.wake(task)',
        'dequeue(queue)?.fiber.wake(task)',
        'of all who wait one is woken'
      ],
      [
        '      this.previous = this\n      this.next = this\n    }\n',
        '    }\n',
        'a waiter that has left still points into the queue',
        'nothing holds a waiter that has left, and none leaves twice: it is for the garbage collector, which else takes longer'
      ]
    ]
  },
  {
    file: 'runtime/frames.ts',
    tests: ['test/runtime/frames.test', 'test/runtime/observe/dump', 'test/sweeps/gaps'],
    breakages: [
      [
        '    bringBack(work.fiber)\n    return work',
        '    return work',
        'a fiber loses its frames to another'
      ],
      [
        'if (work.fiber === undefined) continue',
        '',
        'a run within a run takes the work array of a fiber that runs'
      ],
      ['  clear(work.frames, work.slots)\n', '', 'a waiting fiber retains frames that it no longer needs'],
      [
        '  if (frames.length > retainedRoom || depth > mostCopied) frames.length = depth\n',
        '',
        'after a deep recursion there is room for another for ever, and frames that are gone are run again'
      ],
      ['if (slots === 2) {', 'if (slots >= 2) {', 'all frames but one are lost'],
      ['    fiber.code = frames[1]\n', '', 'the only frame is taken for a list of them'],
      [
        '    bringBack(fiber)\n    unused.push(work)',
        '    unused.push(work)',
        'frames are looked for where they are not'
      ],
      [
        '(beginsWithRegion(node) ? node : countStepWithin(node))',
        'countStepWithin(node)',
        'in a loop a checkpoint comes before a region, and what was just taken is lost'
      ]
    ]
  },
  {
    file: 'runtime/fiber-state.ts',
    tests: [
      'test/runtime/public-fiber',
      'test/task/interrupt',
      'test/task/interruptibility',
      'test/task/promise',
      'test/concurrency',
      'test/runtime/late-result'
    ],
    breakages: [
      [
        'if ((this.flags & (Flag.Requested | Flag.Done)) !== 0) return\n    this.flags |= Flag.Requested',
        'if ((this.flags & Flag.Done) !== 0) return\n    this.flags |= Flag.Requested',
        'the last who asks is said to have interrupted'
      ],
      [
        'if (this.isInterruptionDue) this.waiting?.interrupt(this)',
        'this.waiting?.interrupt(this)',
        'a masked wait is interrupted'
      ],
      [
        'for (let waiter = this.first; waiter !== undefined; waiter = this.first) {',
        'for (let waiter = this.first; waiter !== undefined; waiter = undefined) {',
        'of several fibers that join, one is woken'
      ],
      [
        'return interruptWith(this.interruptedBy === 0 ? none : some(this.interruptedBy), result)',
        'return interruptWith(this.interruptedBy === 0 ? none : some(this.interruptedBy), none)',
        'an interruption carries no result'
      ],
      ['this.extra?.controller?.abort()', '', 'no signal ever aborts'],
      ['    this.owner.ended(this, exit)\n', '', 'a group never learns that a fiber has ended'],
      [
        'return (this.flags & Flag.Delivery) === Flag.Requested',
        'return (this.flags & (Flag.Delivery & ~Flag.Uncancellable)) === Flag.Requested',
        'uncancellable can be cancelled'
      ]
    ]
  },
  {
    file: 'data/linked-list.ts',
    tests: ['test/runtime/timers', 'test/concurrency', 'test/runtime'],
    breakages: [
      ['    else next.previous = previous\n', '', 'a list of fibers is broken by one that ends'],
      [
        '    else last.next = entry\n',
        '    else {\n      entry.next = this.first\n      this.first = entry\n    }\n',
        'timers of the same time fire in the wrong order'
      ]
    ]
  },
  {
    file: 'runtime/host/timer-heap.ts',
    tests: ['test/runtime/timers', 'test/runtime/host-clock', 'test/testing'],
    breakages: [
      ['!isBefore(entry, parent)) break', 'isBefore(entry, parent)) break', 'the heap is upside down'],
      ['isBefore(right, left)) below++', 'isBefore(left, right)) below++', 'the heap is mended wrongly'],
      [
        'if (place > 0 && parent !== undefined && isBefore(last, parent)) this.rise(last, place)\n    else ',
        '',
        'an entry that replaces a removed one stays below a later one'
      ]
    ]
  },
  {
    file: 'runtime/host/timers.ts',
    tests: ['test/runtime/host/timers', 'test/runtime/host/clock'],
    breakages: [
      ['Math.ceil(now + ms)', 'Math.floor(now + ms) - 1', 'timers fire too early'],
      ['    this.remove(timer, timer.bucket)\n', '', 'a timer that was cancelled fires'],
      ['bucket.at <= now', 'bucket.at < now - 5', 'timers fire too late'],
      [
        'if (at < this.armedFor) this.arm(at)',
        'if (this.armedFor === Number.POSITIVE_INFINITY) this.arm(at)',
        'a sooner timer waits for a later one'
      ],
      ['if (this.size === 0) this.timer?.unref?.()', '', 'a timer that nobody needs keeps the process alive'],
      [
        'if (this.empty > mostEmpty && this.empty > this.heap.size / 2) this.sweep()',
        '',
        'time-outs that did not come to pass are kept'
      ],
      [
        'Math.min(longestHostTimer, Math.max(0',
        'Math.max(Math.max(0',
        'what is longer than the host can wait fires at once'
      ],
      ['else if (this.size === 1) this.timer?.ref?.()', '', 'a sleeping program ends'],
      [
        'if (bucket !== undefined && bucket.at < this.armedFor) this.arm(bucket.at)',
        '',
        'after the first timer no other fires'
      ]
    ]
  },
  {
    file: 'runtime/scheduler.ts',
    tests: [
      'test/runtime/scheduler-order',
      'test/runtime/scheduler-fairness',
      'test/runtime/run-loop-budget',
      'test/runtime/edge',
      'test/data/host-context',
      'test/task/host-context'
    ],
    breakages: [
      [
        'if (now - sliceBegan < halfSliceMs) return false',
        'if (now > 0) return false',
        'fibers starve timers and I/O'
      ],
      [
        'isSliceUsed = hasUsedUp || macrotaskScheduled',
        'isSliceUsed = hasUsedUp',
        'fibers of a few steps starve timers and I/O'
      ],
      [
        '  sliceBegan = now\n  yieldToEventLoop()\n',
        '  isSliceUsed = true\n  return true\n',
        'fibers that wait for I/O wait for one more turn of the event loop now and then'
      ],
      ['for (const fiber of later) ready.push(fiber)', '', 'a fiber that yields never runs again'],
      [
        '  later.push(fiber)\n  yieldToEventLoop()',
        '  queueReady(fiber)',
        'yieldNow does not let I/O go first'
      ],
      ['    else yieldToEventLoop()\n', '', 'after a slice nobody goes on'],
      [
        'if (!isFirst || !isAlone) ready.push(fiber)',
        'if (!isAlone) ready.push(fiber)',
        'a fiber woken by a promise is lost where others are ready'
      ],
      [
        '  if (!isFirst) hostContextOf(fiber)\n',
        '',
        'a fiber that is ready behind others has their async context'
      ],
      [
        'fiber && fiber.context === context; fiber',
        'fiber; fiber',
        'fibers that are ready one after another share an async context'
      ],
      ['  isSliceUsed = false\n  for', '  for', 'once it has given way, it always does'],
      [
        'slice.isOnStack || isSliceUsed',
        'isSliceUsed',
        'runTask starts a fiber in the middle of another one'
      ],
      ['slice.isOnStack || isSliceUsed', 'slice.isOnStack', 'a loop of runTask starves timers'],
      [
        '  if (isSliceUsed) {\n    // The host keeps',
        '  if (false) {\n    // The host keeps',
        'a chain of microtasks starves timers'
      ],
      [
        'if (oldest !== undefined) hostContextOf(oldest)',
        '',
        'a fiber whose drain is put off has the async context of another'
      ]
    ]
  }
]
