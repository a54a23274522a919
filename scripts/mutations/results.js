/** Breakages of what becomes of results that a stopped fiber still gave. */

/** @type {ReadonlyArray<import('../mutate.js').Room>} */
export const results = [
  {
    file: 'runtime/continuation.ts',
    tests: [
      'test/task/interruptibility',
      'test/runtime/late-result',
      'test/concurrency/failed-cleanups',
      'test/concurrency/acquire-late',
      'test/concurrency/race',
      'test/concurrency/timeout'
    ],
    breakages: [
      [
        '    case Op.Named:\n    case Op.Kept:\n',
        '    case Op.Kept:\n',
        'a name around a region makes an interruption come in time'
      ],
      [
        '    case Op.Map:\n      return Passes.Failures',
        '    case Op.Map:\n      return Passes.All',
        'a value with which more is to be done is taken for the end'
      ],
      [
        '      return (kept as HandleNode).c.onSuccess === undefined ? Passes.Values : Passes.Nothing',
        '      return Passes.All',
        'a failure that is to be handled is taken for the end'
      ]
    ]
  },
  {
    file: 'runtime/late-result.ts',
    tests: [
      'test/runtime/late-result',
      'test/concurrency/failed-cleanups',
      'test/concurrency/acquire-late',
      'test/concurrency/race',
      'test/concurrency/timeout'
    ],
    breakages: [
      [
        "if (exit.left.reasons[0]._tag !== 'Interrupt' && !isOwnInterruption(fiber, exit.left))",
        'if (true)',
        'the own interruption of a fiber is taken for its late result'
      ],
      [
        'if (!intermediateResults.has(result) && isPassedThrough(kind, frames, depth))',
        'if (!intermediateResults.has(result))',
        'a result with which more would have been done is taken for the whole'
      ],
      [
        'Reasons.markCleanup(rest)',
        'rest',
        'a failed cleanup that takes the place of a late value is taken for a failure of the work'
      ],
      [
        'inner && failedCleanupsBeside(failed, inner)',
        'undefined',
        'failed cleanups in what is carried beside a defect are dropped'
      ]
    ]
  },
  {
    file: 'data/reasons.ts',
    tests: [
      'test/data',
      'test/runtime/late-result',
      'test/concurrency/failed-cleanups',
      'test/concurrency/acquire-late',
      'test/concurrency/race',
      'test/concurrency/timeout'
    ],
    breakages: [
      [
        "return reason._tag === 'Fail' && index === 0 && !ofCleanups.has(reason) ? [] : [part]",
        "return reason._tag === 'Fail' ? [] : [part]",
        'failed cleanups in what an interruption carries are dropped'
      ]
    ]
  }
]
