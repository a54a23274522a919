/** Breakages of regions, finalizers, generators and what waits for the host. */

/** @type {ReadonlyArray<import('../mutate.js').Room>} */
export const task = [
  {
    file: 'task/handlers.ts',
    tests: [
      'test/task/recover',
      'test/task/interrupt',
      'test/task/unint',
      'test/data',
      'test/runtime',
      'test/concurrency/race',
      'test/concurrency/timeout',
      'test/concurrency/all'
    ],
    breakages: [
      ['if (!isTyped(fiber, cause)) {', 'if (false) {', 'orElse handles defects and interruptions'],
      [
        '  if ((fiber.flags & (Flag.Delivered | Flag.Masked)) === Flag.Delivered) return undefined\n',
        '',
        'catchCause catches its own interruption'
      ],
      [
        '  fiber.flags &= ~Flag.Delivered\n',
        '',
        'a fiber that caught its interruption in a mask still fails with it'
      ],
      [
        '      if (tag !== keepsErrors) diagnostics.bound?.pastHandler(cause, tag)\n',
        '',
        'a failure that passed a handler of typed failures is not known to have'
      ],
      ['    reportOthers(fiber, cause)\n', '', 'the failures beside a handled one are lost']
    ]
  },
  {
    file: 'task/interruptibility.ts',
    tests: [
      'test/task/interruptibility',
      'test/task/interrupt',
      'test/coordination/fiber-local',
      'test/coordination/fiber-local-scopes',
      'test/task/uncancellable'
    ],
    breakages: [
      [
        'return fiber.isInterruptionDue ? deliver : countStep(self)',
        'return countStep(self)',
        'the bound of a restored region is no checkpoint'
      ],
      [
        '  giveBack(fiber, flags, Flag.Region)\n  return leaveRegion',
        '  return leaveRegion',
        'a mask is never taken off'
      ],
      [
        '    if (isPassedThrough(Passes.Values, frames, depth)) return undefined\n',
        '',
        'an interruption that came too late throws a result away'
      ],
      [
        'if (!fiber.isInterruptionDue) return failure\n  if (failure === undefined) {',
        'return failure\n  if (failure === undefined) {',
        'a pending interruption is not delivered after a mask'
      ],
      [
        '(isMasked ? uninterruptible : interruptible)',
        '(interruptible)',
        'restore removes the mask of the region around it'
      ],
      ['if (!isMasked) pushMask(fiber, frames, depth)', '', 'uninterruptibleMask does not mask'],
      [
        'const interruption = withLateResult(fiber, left(cause), frames, depth)',
        'const interruption = fiber.interruption()',
        'a failure that an interruption wins over is lost'
      ],
      [
        "const rest = Reasons.apart(cause).filter(({ reasons: [reason] }) => reason._tag !== 'Fail')",
        'const rest = Reasons.apart(cause)',
        'a typed failure passes the handlers that its type speaks of'
      ],
      ['  if (isOwn) return failure\n', '', 'an interruption that was passed on counts twice'],
      [
        '  if (!isOwn && isPassedThrough(Passes.Failures, frames, depth)) return failure\n',
        '',
        'an interruption that came too late is added to a failure'
      ]
    ]
  },
  {
    file: 'task/locals.ts',
    tests: [
      'test/task/interruptibility',
      'test/task/interrupt',
      'test/coordination/fiber-local',
      'test/coordination/fiber-local-scopes',
      'test/task/uncancellable'
    ],
    breakages: [['  extraOf(fiber).locals = locals\n', '', 'a local value outlives its region']]
  },
  {
    file: 'task/uncancellable.ts',
    tests: ['test/task/uncancellable', 'test/task/interruptibility'],
    breakages: [
      ['if (!isOwed) fiber.flags &= ~Flag.Requested', '', 'what was to be forgotten comes after all'],
      ['if (!isOwed) fiber', 'fiber', 'an interruption that a region around owes is forgotten'],
      [
        'if (!fiber.isInterruptionDue) return failure\n    fiber.markDelivered()',
        'return failure\n    fiber.markDelivered()',
        'uncancellable does not raise'
      ],
      ['fiber.flags |= Flag.Uncancellable', '', 'uncancellable shields from nothing'],
      [
        'failCauseNode(withLateResult(fiber, result, frames, depth))',
        'failCauseNode(fiber.interruption())',
        'what uncancellable gave is lost'
      ],
      [
        '& (Flag.Region | Flag.CleaningUp)) !== 0',
        '& Flag.Region) !== 0',
        'forgetting within a clean-up forgets what it cleans up after'
      ]
    ]
  },
  {
    file: 'task/ensuring.ts',
    tests: [
      'test/task/ensuring-and-bracket',
      'test/task/interrupt',
      'test/sweeps/sweep-itself',
      'test/sweeps/gaps'
    ],
    breakages: [
      ['  beginCleaningUp(fiber)\n', '', 'finalizers can be interrupted'],
      ['    giveBack(fiber, flags, Flag.Saved)\n', '', 'after a finalizer the fiber stays masked'],
      ['combine(exit.left, causeOf(failure))', 'exit.left', 'what fails in a finalizer is dropped'],
      [
        'combine(exit.left, causeOf(failure))',
        'causeOf(failure)',
        'what a finalizer fails with hides what went wrong before'
      ],
      [
        "exit._tag === 'Left' && isInterrupted(exit.left as Cause<unknown>) ? finalizer",
        "exit._tag === 'Left' ? finalizer",
        'onInterrupt runs after a failure'
      ],
      [
        'const next = leaveRegion(fiber, whole, frames, depth - 2)',
        'const next = whole',
        'an interruption that came during a finalizer is not delivered after it'
      ],
      [
        'failCauseNode(markCleanup(causeOf(failure)))',
        'failure',
        'what a finalizer fails with after a success is taken for a failure of the work'
      ]
    ]
  },
  {
    file: 'task/bracket.ts',
    tests: [
      'test/task/ensuring-and-bracket',
      'test/task/interrupt',
      'test/sweeps/sweep-itself',
      'test/sweeps/gaps'
    ],
    breakages: [
      [
        '  fiber.flags |= Flag.Masked\n  return countStep(selfOf',
        '  return countStep(selfOf',
        'an acquisition can be interrupted'
      ],
      [
        '  if (fiber.isInterruptionDue) return deliver\n',
        '',
        'an interruption of the acquisition is not seen before the use'
      ],
      [
        '    giveBack(fiber, flags, Flag.Region)\n    if (failure',
        '    if (failure',
        'the use of a bracket is masked'
      ],
      [
        '      slice.depth = depth - 2\n      return leaveRegion(fiber, failure',
        '      return leaveRegion(fiber, failure',
        'a frame of a failed acquisition stays, and is taken for a name'
      ]
    ]
  },
  {
    file: 'core/yieldable.ts',
    tests: ['test/task/gen', 'test/runtime/run-loop-budget'],
    breakages: [
      [
        'generatorOf === undefined || slice.budget === 0 ||',
        'generatorOf === undefined ||',
        'a generator of what is there already never gives way'
      ],
      [
        '  slice.budget--\n  // A function',
        '  // A function',
        'an operation that yield* runs at once is not counted'
      ],
      [
        'if (next.taskOp > Op.Deliver) slice.budget++\n',
        '',
        'what an operation has taken is lost where the budget ends with it'
      ],
      ['  slice.generatorOf = undefined\n', '', 'a hook runs within the generator of another'],
      [
        'return begun(new Node(Op.FailCause',
        'return (new Node(Op.FailCause',
        'a defect in yield* is counted as an operation of its own'
      ],
      [
        'return value instanceof Delegated ? value.task : undefined',
        'return value instanceof Delegated ? value.task : value instanceof Node ? value : undefined',
        'a bare yield is taken for a yield*'
      ],
      ['if (arguments.length === 0)', 'if (false)', 'a Task that is spread goes on for ever']
    ]
  },
  {
    file: 'task/gen.ts',
    tests: ['test/task/gen', 'test/runtime/run-loop-budget'],
    breakages: [
      [
        'step instanceof Node ? step : delegated(step)',
        'step instanceof Node ? step : undefined',
        'where an engine makes results of its own nothing can be yielded'
      ],
      ['  slice.begun = rest\n', '', 'what a generator within another one has begun is begun again'],
      [
        '  slice.budget--\n  nestedGenerators++',
        '  nestedGenerators++',
        'a generator within another one is not counted'
      ],
      [
        '  if (nestedGenerators === mostWithin) return node\n',
        '',
        'a recursion of generators overflows the stack of the host'
      ],
      [
        'return begun(name === undefined ? died : new Node(Op.Named, died, name, undefined))',
        'return begun(died)',
        'the defect of a function has no name'
      ],
      [
        'return task === begun ? task : countStep(task)',
        'return countStep(task)',
        'an operation that yield* has begun is counted twice'
      ],
      [
        'if (fiber.waiting !== undefined && task !== begun) task = drivenByHand(fiber)\n',
        '',
        'a generator that is driven by hand parks the fiber, which runs on'
      ],
      [
        '    slice.generatorOf = undefined\n',
        '',
        'a generator that is driven by hand outside of any generator parks the fiber'
      ],
      [
        '    giveBack(fiber, unwinding.flags, Flag.Saved)\n',
        '',
        'after a generator was unwound the fiber stays masked'
      ],
      [
        'return leaveRegion(fiber, failCauseNode(unwinding.cause), frames, depth)',
        'return failCauseNode(unwinding.cause)',
        'an interruption that came during a finally is not delivered'
      ],
      [
        '? took(fiber, frames, depth, resume(fiber, generator, value))',
        '? took(fiber, frames, depth, resume(fiber, generator, undefined))',
        'a bare yield gives nothing'
      ],
      [
        '? (value as Instance) : asNative(value as Instance)',
        '? (value as Instance) : (value as Instance)',
        'a transpiled generator cannot be run'
      ]
    ]
  },
  {
    file: 'task/unwinding.ts',
    tests: ['test/task/gen'],
    breakages: []
  },
  {
    file: 'task/async.ts',
    tests: ['test/task/async'],
    breakages: [
      ['if (!this.settled) this.settle(asTask', 'this.settle(asTask', 'a callback counts more than once'],
      [
        '  cancel(): Task<unknown, unknown> | undefined {\n    this.settled = true',
        '  cancel(): Task<unknown, unknown> | undefined {',
        'a callback counts after an interruption',
        'the fiber waits for this no more, so that the answer is put where nobody looks'
      ],
      ['    this.canceller = canceller\n', '', 'the canceller is not run'],
      [
        '      this.settled = true\n      throw thrown',
        '      throw thrown',
        'a callback counts after its register has thrown',
        'the fiber has never begun to wait for this, so that the answer is put where nobody looks'
      ]
    ]
  },
  {
    file: 'task/sleep.ts',
    tests: ['test/runtime/host/timers', 'test/task/interrupt', 'test/task/schedule'],
    breakages: [
      ['    stopTimer(this.fiber.runtime.clock, this)\n', '', 'an interrupted sleep leaves its timer'],
      ['if (!this.settled) this.settle(unit)', '', 'nobody wakes from sleep']
    ]
  },
  {
    file: 'task/forever.ts',
    tests: ['test/task/schedule', 'test/task/combine', 'test/task/stack'],
    breakages: [['failure ?? node\n', 'node\n', 'forever goes on after a failure']]
  },
  {
    file: 'task/retry.ts',
    tests: ['test/task/schedule', 'test/task/combine', 'test/task/stack'],
    breakages: [
      ['ask(error, attempt, () => fail(error))', 'ask(error, attempt, () => attempt)', 'retry never gives up']
    ]
  },
  {
    file: 'task/run-schedule.ts',
    tests: ['test/task/schedule', 'test/task/combine', 'test/task/stack'],
    breakages: [
      ['const began = runtime.now()', 'const began = 0', 'the time of a schedule begins with the clock'],
      [
        'return make(Op.FlatMap, sleep(next.pause), () => (elapsed() > next.latest ? end() : again))',
        'return again',
        'schedules do not wait'
      ]
    ]
  },
  {
    file: 'task/for-each-loop.ts',
    tests: [
      'test/concurrency/pull-hand-over',
      'test/concurrency/for-each-queue',
      'test/concurrency/for-each'
    ],
    breakages: [
      [
        'return startNow(taskFrom(this.job.work(result.value, this.index), this.job.where))',
        'return taskFrom(this.job.work(result.value, this.index), this.job.where)',
        'a checkpoint comes between an item that was taken and its work'
      ]
    ]
  }
]
