/** Breakages of groups, children and what is built of them. */

/** @type {ReadonlyArray<import('../mutate.js').Room>} */
export const structure = [
  {
    file: 'structure/scope.ts',
    tests: ['test/structure/group', 'test/structure/resource', 'test/structure/deep'],
    breakages: [
      ['for (const scope of all) scope.markClosing()', 'this.markClosing()', 'a group below stays open'],
      ['    wakeAll(this.closingWaiters, unit)', '', 'nobody hears of the closing'],
      ['if (above instanceof Scope) above.below?.delete(scope)', '', 'a subgroup does not detach'],
      ['!this.isEmpty() || this.busy > 0', 'this.busy > 0', 'a group is closed before its fibers have ended'],
      [
        '!this.isEmpty() || this.busy > 0',
        '!this.isEmpty()',
        'a group is closed before an acquisition has ended'
      ],
      ['this.releases.reverse()', 'this.releases', 'released in the order of acquisition'],
      ['    wakeAll(this.closedWaiters, unit)\n', '', 'closers never come back'],
      [
        '    this.state = State.Closed\n    this.endGrace()',
        '    this.state = State.Closed',
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
        'if (scope.state === State.Closing) fiber.requestInterruption(fiber.id)',
        '',
        'a fiber that closes its own group is not interrupted'
      ],
      ['if (now + ms >= this.graceEnds) return', '', 'a later grace period undoes the sooner one'],
      [
        'this.fibers.size === 0 && (this.below === undefined || this.below.size === 0)',
        'this.fibers.size === 0',
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
        'return scope.state === State.Open ? waitIn(scope.closingWaiters',
        'return scope.state !== State.Closing ? waitIn(scope.closingWaiters',
        'whoever asks a closed group for its closing waits'
      ],
      [
        'if (this.state !== State.Open) return\n    this.state = State.Closing',
        'this.state = State.Closing',
        'a closed group is closing again',
        'whoever closes has looked whether it is closed already, and nobody waits for the closing of one that is closing'
      ]
    ]
  },
  {
    file: 'structure/group.ts',
    tests: ['test/structure/group', 'test/structure/resource'],
    breakages: [
      [
        '    if (this.scope.state !== State.Open) return left(new GroupClosedError())\n',
        '',
        'spawnNowait starts in a closed group'
      ],
      [
        '      this.scope.state === State.Open\n        ? succeed(groupOf',
        '      true\n        ? succeed(groupOf',
        'a closed group makes subgroups'
      ],
      [
        'if (scope.state === State.Open) {\n        scope.endAcquiring(releasing)',
        'if (true) {\n        scope.endAcquiring(releasing)',
        'who acquires in a closing group is given what is released'
      ],
      [
        'make(Op.FlatMap, uninterruptible(whole),',
        'make(Op.FlatMap, whole,',
        'an acquisition can be interrupted'
      ],
      [
        '    const failed = (cause: Cause<E1>): Task<E1, never> => {\n      scope.endAcquiring()',
        '    const failed = (cause: Cause<E1>): Task<E1, never> => {',
        'a failed acquisition keeps its group from closing'
      ],
      ['      if (scope.state !== State.Open) return succeed(none)\n', '', 'a closed group acquires'],
      [
        '      running.then(undefined, () => undefined)\n',
        '',
        'the rejection of a wrapped promise is unhandled'
      ]
    ]
  },
  {
    file: 'structure/with-group.ts',
    tests: ['test/structure/with-group'],
    breakages: [
      [
        'this.addTrouble(exit.left)\n    this.scope.close(true)',
        'this.addTrouble(exit.left)',
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
        'super.isOver() && this.scope.state === State.Closed',
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
        'a failure that the body joined is told twice'
      ]
    ]
  },
  {
    file: 'structure/children.ts',
    tests: [
      'test/structure/race',
      'test/structure/timeout',
      'test/structure/concurrent',
      'test/structure/with',
      'test/runtime/fiber-local'
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
      ['    this.troubles.push(trouble)\n', '', 'what goes wrong while stopping is dropped'],
      [
        'new FiberState(parent.runtime, task, this, undefined, parent.extra?.locals)',
        'new FiberState(parent.runtime, task, this, undefined, undefined)',
        'children do not inherit local values'
      ],
      [
        'if (!this.isParentInterrupted && this.failure === undefined) return this.outcome()',
        'if (this.failure === undefined) return this.outcome()',
        'an interrupted parent carries nothing'
      ],
      [
        'if (!this.isParentInterrupted && troubles !== undefined) return failCause(troubles)\n    const stopped: Stopped = { carried: this.carried(), troubles }',
        'if (!this.isParentInterrupted && troubles !== undefined) return failCause(troubles)\n    const stopped: Stopped = { carried: this.carried(), troubles: Reasons.combineAll(this.troubles ?? []) }',
        'what failed before an interruption is dropped'
      ],
      [
        'if (!this.isParentInterrupted && troubles !== undefined) return failCause(troubles)\n',
        'if (!this.isParentInterrupted && this.failure !== undefined) return failCause(this.failure)\n',
        'what goes wrong behind a first failure is dropped'
      ],
      [
        'return make(Op.Park, waitAgain, this)\n',
        'return make(Op.Succeed)\n',
        'an interrupted parent does not wait for its children'
      ]
    ]
  },
  {
    file: 'structure/race.ts',
    tests: ['test/structure/race', 'test/structure/timeout'],
    breakages: [
      [
        'this.won = { value: exit.right }\n      this.stop()',
        'this.won = { value: exit.right }',
        'losers run on'
      ],
      [
        '    this.exit = exit\n    stopTimer(this.parent.runtime.clock, this)\n  }\n\n  protected override childStopped',
        '    this.exit = exit\n  }\n\n  protected override childStopped',
        'a timeout that was not needed leaves its timer'
      ],
      ['if (this.stopping || this.exit !== undefined) return', '', 'a timeout counts after the end'],
      [
        "if (first._tag !== 'Interrupt') return failCause(exit.left)",
        '',
        'an error that a timed task still gave is lost'
      ],
      [
        "if (given._tag === 'Some' && isWhole(this.child, given.value)) return fromExit(given.value)",
        '',
        'what a timed task still gave is lost'
      ],
      [
        "if (exit._tag === 'Left' && Reasons.isWorthTelling(exit.left)) fiber.runtime.report(exit.left, fiber)",
        '',
        'a loser that failed while being stopped is silent'
      ],
      ['    this.isTimedOut = true\n', '', 'a time-out looks like an interruption'],
      [
        'if (this.won !== undefined) return some(right(this.won.value))',
        '',
        'what a race gave is lost to an interruption'
      ],
      ['Reasons.combine(timedOut, trouble)', 'timedOut', 'what goes wrong while timing out is dropped'],
      [
        '    this.lastFailure = exit.left\n',
        '    this.lastFailure ??= exit.left\n',
        'a race fails with the first failure'
      ],
      [
        '      if (this.lastFailure !== undefined) this.tellDefects(this.lastFailure)\n      return succeed',
        '      return succeed',
        'a side that died before another won is silent'
      ]
    ]
  },
  {
    file: 'structure/concurrent.ts',
    tests: ['test/structure/concurrent-all'],
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
  }
]
