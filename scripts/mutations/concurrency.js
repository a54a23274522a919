/** Breakages of groups, children and what is built of them. */

/** @type {ReadonlyArray<import('../mutate.js').Room>} */
export const concurrency = [
  {
    file: 'concurrency/scope.ts',
    tests: [
      'test/concurrency/group',
      'test/concurrency/group-resource',
      'test/concurrency/acquire',
      'test/concurrency/deep'
    ],
    breakages: [
      ['for (const scope of all) scope.markClosing()', 'this.markClosing()', 'a group below stays open'],
      ['    wakeAll(this.closingWaiters, unit)', '', 'nobody hears of the closing'],
      ['if (above instanceof Scope) above.below?.delete(scope)', '', 'a subgroup does not detach'],
      [
        '    if (this.fibers.size > (this.acquirers?.members ?? 0)) return false\n',
        '',
        'a group is closed before its fibers have ended'
      ],
      [
        '    if (this.busy > 0) {\n      this.acquirers?.watch()\n      return false\n    }\n',
        '',
        'a group is closed before an acquisition has ended'
      ],
      ['this.releases.reverse()', 'this.releases', 'released in the order of acquisition'],
      ['    wakeAll(this.closedWaiters, unit)\n', '', 'closers never come back'],
      [
        '    this.state = ScopeState.Closed\n    this.endGrace()',
        '    this.state = ScopeState.Closed',
        'a closed group leaves the timer of its grace'
      ],
      [
        'for (const scope of all) scope.interruptOwnWaiters()',
        '',
        'a fiber that waits for the end of its own group holds it up'
      ],
      [
        'if ((fiber.flags & Flag.Region) !== 0) return die(new Error(ownWait(fiber, scope)))',
        '',
        'a masked fiber waits for the end of its own group for ever'
      ],
      [
        'if (scope.state === ScopeState.Closing) fiber.requestInterruption(fiber.id)',
        '',
        'a fiber that closes its own group is not interrupted'
      ],
      ['if (now + ms >= this.graceEnds) return', '', 'a later grace period undoes the sooner one'],
      [
        'this.state !== ScopeState.Closing || (this.below?.size ?? 0) > 0',
        'this.state !== ScopeState.Closing',
        'a group is closed before those below it'
      ],
      ['    this.isStopping = true\n', '', 'grace after a stop starts a timer'],
      [
        'make(Op.FlatMap, this.reporting(release), () => rest)',
        'make(Op.FlatMap, release, () => rest)',
        'a release that dies stops the others'
      ],
      ['    interruptAll(this.fibers, 0)\n', '', 'closing interrupts nobody'],
      [
        'return scope.state === ScopeState.Open ? park(scope.closingWaiters',
        'return scope.state !== ScopeState.Closing ? park(scope.closingWaiters',
        'a fiber that waits for the end of a closed group waits for ever'
      ],
      [
        'if (this.state !== ScopeState.Open) return\n    this.state = ScopeState.Closing',
        'this.state = ScopeState.Closing',
        'a closed group is closing again',
        'the caller has checked whether the group is closed already, and no fiber waits for a group that is closing'
      ],
      [
        '      this.acquirers?.watch()\n',
        '',
        'an acquisition waits for ever for a fiber that closing has stopped'
      ],
      [
        'this.fibers.size > (this.acquirers?.members ?? 0)',
        'this.fibers.size > 0',
        'a fiber of the group itself acquires and waits for ever for one that closing has stopped'
      ],
      [
        'return isBelow(fiber, this) || isAcquiringFor(fiber, this)',
        'return isBelow(fiber, this)',
        'an acquisition waits for the end of its own group for ever'
      ],
      [
        'const [untyped, cause] = Reasons.withoutUntyped(whole)',
        'const [untyped, cause] = [undefined, whole] as ReturnType<typeof Reasons.withoutUntyped>',
        'failures that no type names reach the handler of a group'
      ]
    ]
  },
  {
    file: 'concurrency/group.ts',
    tests: ['test/concurrency/group', 'test/concurrency/group-resource'],
    breakages: [
      [
        '    if (this.scope.state !== ScopeState.Open) return left(new GroupClosedError())\n',
        '',
        'spawnNowait starts in a closed group'
      ],
      [
        '      this.scope.state === ScopeState.Open\n        ? succeed(groupOf',
        '      true\n        ? succeed(groupOf',
        'a closed group makes subgroups'
      ],
      ['    disown(running)\n', '', 'the rejection of a wrapped promise is unhandled']
    ]
  },
  {
    file: 'concurrency/with-group.ts',
    tests: ['test/concurrency/with-group'],
    breakages: [
      [
        'this.addFailedCleanup(exit.left)\n    this.scope.close(true)',
        'this.addFailedCleanup(exit.left)',
        'a body that was stopped leaves its group open'
      ],
      [
        '      this.stop()\n      this.scope.close(true)',
        '      this.scope.close(true)',
        'the body goes on after a fiber has failed'
      ],
      ["this.options?.whenDone !== 'wait'", 'true', 'leftovers are never waited for'],
      ["this.options?.whenDone !== 'wait'", 'false', 'leftovers are not interrupted'],
      [
        'super.isOver() && this.scope.state === ScopeState.Closed',
        'super.isOver()',
        'withGroup comes back before its group is closed'
      ],
      ['if (this.fibers.size === 0) this.scope.close(true)', '', 'an interruption waits for the leftovers'],
      [
        "if (exit._tag === 'Left') this.failure = exit.left",
        '',
        'what fails after the body hides what the body failed with'
      ],
      [
        'filter(({ reasons: [reason] }) => known?.includes(reason) !== true)',
        'filter(() => true)',
        'a failure that the body joined is reported twice'
      ],
      [
        'Reasons.withoutInterruption(cause) ?? cause',
        'cause',
        'withGroup is interrupted by what only its closing has interrupted'
      ]
    ]
  },
  {
    file: 'concurrency/children.ts',
    tests: [
      'test/concurrency/race',
      'test/concurrency/timeout',
      'test/concurrency/all',
      'test/concurrency/for-each',
      'test/concurrency/with',
      'test/coordination/fiber-local-scopes'
    ],
    breakages: [
      [
        'this.parent.waiting === this && this.isOver()',
        'this.parent.waiting === this',
        'a parent goes on before its children have ended'
      ],
      ['    this.stopping = true\n', '', 'that children were stopped is not known'],
      [
        '    this.stop()\n    return make(Op.Park, waitAgain, this)',
        '    return make(Op.Park, waitAgain, this)',
        'children of an interrupted parent run on'
      ],
      ['    this.failedCleanups.push(failedCleanup)\n', '', 'what goes wrong while stopping is dropped'],
      ['      parent.extra?.locals,\n', '      undefined,\n', 'children do not inherit local values'],
      [
        '      hostContextOf(parent)\n',
        '      undefined\n',
        'children have the async context of whatever is ready before them'
      ],
      [
        'return fiber.owner.takesLate?.() ?? !isCarried',
        'return fiber.owner.takesLate?.() ?? true',
        'a resource goes into an interruption that nobody looks into'
      ],
      [
        'if (!this.isParentInterrupted && this.failure === undefined) return this.outcome()',
        'if (this.failure === undefined) return this.outcome()',
        'an interrupted parent carries nothing'
      ],
      [
        'const stopped: Stopped = { lateResult: given, failedCleanups }',
        'const stopped: Stopped = { lateResult: given, failedCleanups: Reasons.combineAll([...(this.failedCleanups ?? []), late]) }',
        'what failed before an interruption is dropped'
      ],
      [
        'if (!this.isParentInterrupted && failedCleanups !== undefined) return failCause(failedCleanups)\n',
        'if (!this.isParentInterrupted && this.failure !== undefined) return failCause(this.failure)\n',
        'what goes wrong behind a first failure is dropped'
      ],
      [
        'return make(Op.Park, waitAgain, this)\n',
        'return make(Op.Succeed)\n',
        'an interrupted parent does not wait for its children'
      ],
      [
        'const late = rest && Reasons.withoutInterruption(rest)',
        'const late = undefined as typeof rest',
        'what goes wrong in a child that still gave something is dropped'
      ],
      [
        'return fiber.owner.takesLate?.() ?? !isCarried',
        'return !isCarried',
        'a resource is kept for a late value that is dropped'
      ]
    ]
  },
  {
    file: 'concurrency/race.ts',
    tests: ['test/concurrency/race', 'test/concurrency/timeout'],
    breakages: [
      [
        'this.won = { value: exit.right }\n      this.stop()',
        'this.won = { value: exit.right }',
        'losers run on'
      ],
      [
        "if (exit._tag === 'Left' && Reasons.isWorthTelling(exit.left)) fiber.runtime.report(exit.left, fiber)",
        '',
        'a loser that failed while being stopped is silent'
      ],
      [
        'const given = this.won === undefined ? this.kept : right(this.won.value)',
        'const given = this.kept',
        'what a race gave is lost to an interruption'
      ],
      [
        '    this.lastFailure = exit.left\n',
        '    this.lastFailure ??= exit.left\n',
        'a race fails with the first failure'
      ],
      [
        '      this.reportFailure()\n      return succeed',
        '      return succeed',
        'a side that died before another won is silent'
      ],
      [
        'if (Reasons.failedCleanupsOf(left(cause)) !== undefined)\n      this',
        'if (Reasons.defects(cause).length > 0) this',
        'a failed cleanup of a side that another made good is silent'
      ],
      [
        '      if (rest !== undefined) this.addFailedCleanup(rest)\n',
        '',
        'what goes wrong in a side that was stopped with the race is dropped'
      ]
    ]
  },
  {
    file: 'concurrency/timeout.ts',
    tests: ['test/concurrency/race', 'test/concurrency/timeout'],
    breakages: [
      [
        '    this.exit = exit\n    stopTimer(this.parent.runtime.clock, this)\n  }\n\n  protected override childStopped',
        '    this.exit = exit\n  }\n\n  protected override childStopped',
        'a timeout that was not needed leaves its timer'
      ],
      ['if (this.stopping || this.exit !== undefined) return', '', 'a timeout counts after the end'],
      [
        "if (given._tag === 'Some' && isFinal)",
        "if (given._tag === 'Some' && isFinal && given.value._tag === 'Right')",
        'an error that a timed task still gave is lost'
      ],
      [
        "    if (given._tag === 'Some' && isFinal) return fromExit(given.value)\n",
        '',
        'what a timed task still gave is lost'
      ],
      ['    this.isTimedOut = true\n', '', 'a time-out looks like an interruption'],
      ['[timedOut, inPart, whileCleaningUp]', '[timedOut]', 'what goes wrong while timing out is dropped']
    ]
  },
  {
    file: 'concurrency/all.ts',
    tests: ['test/concurrency/all'],
    breakages: [
      [
        '      this.values[fiber.place] = exit.right\n',
        '      this.values[this.started - 1] = exit.right\n',
        'results stand in the wrong places'
      ],
      [
        '      this.failure = exit.left\n      this.stop()',
        '      this.failure = exit.left',
        'the others run on after a failure'
      ],
      ['Math.min(limit, tasks.length)', 'tasks.length', 'more run at once than are allowed'],
      ['      this.startNext()\n    } else', '    } else', 'those beyond the limit never run']
    ]
  },
  {
    file: 'concurrency/acquire.ts',
    tests: [
      'test/concurrency/group-acquire',
      'test/concurrency/acquire-late',
      'test/concurrency/group-resource'
    ],
    breakages: [
      [
        'if (scope.state === ScopeState.Open && reachesProgram(fiber, frames, depth - 2)) {',
        'if (reachesProgram(fiber, frames, depth - 2)) {',
        'a fiber that acquires in a closing group is given what is released'
      ],
      [
        '  fiber.flags |= Flag.Masked\n  return countStep(acquire)',
        '  return countStep(acquire)',
        'an acquisition can be interrupted'
      ],
      [
        '      scope.endAcquiring(fiber)\n      return leaveRegion',
        '      return leaveRegion',
        'a failed acquisition keeps its group from closing'
      ],
      ['  if (scope.state !== ScopeState.Open) return closed()\n', '', 'a closed group acquires'],
      [
        'if (scope.state === ScopeState.Open && reachesProgram(fiber, frames, depth - 2)) {\n      slice.depth = depth - 2\n      acquisitionObserver.bound?.({\n        scope,\n        resource: value,\n        fiber,\n        acquire,\n        path: namesOnFrames(frames, depth - 2)\n      })\n      scope.endAcquiring(fiber, releasing)\n      return undefined',
        'if (scope.state === ScopeState.Open) {\n    slice.depth = depth - 2\n    scope.endAcquiring(fiber, releasing)\n    return leaveRegion(fiber, undefined, frames, depth - 2)',
        'a resource that its program never gets is kept until the group closes'
      ]
    ]
  },
  {
    file: 'concurrency/acquirers.ts',
    tests: ['test/concurrency/group-acquire', 'test/concurrency/group-close-own'],
    breakages: [
      [
        '    this.refuse()\n',
        '',
        'an acquisition that waits for what nobody can give any more is not refused'
      ]
    ]
  },
  {
    file: 'concurrency/for-each.ts',
    tests: [
      'test/concurrency/pull-hand-over',
      'test/concurrency/for-each',
      'test/concurrency/for-each-queue'
    ],
    breakages: [
      [
        'workers.add(beginningNow(whole))',
        'workers.add(whole)',
        'a checkpoint comes between an item and its work in a fiber of its own'
      ]
    ]
  }
]
