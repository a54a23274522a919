/** Breakages of what fibers meet at. */

/** @type {ReadonlyArray<import('../mutate.js').Room>} */
export const coordination = [
  {
    file: 'coordination/queue.ts',
    tests: ['test/coordination/queue'],
    breakages: [
      ['    wakeAll(this.putters, queueClosedError)\n', '', 'putters wait at a closed queue'],
      ['    wakeAll(this.getters, queueClosedError)\n', '', 'getters wait at a closed queue'],
      [
        '    if (queue.closed) return queueClosedError\n    return queue.offer',
        '    return queue.offer',
        'a closed queue takes items'
      ],
      [
        'return queue.closed ? queueClosedError : park(queue.getters, fiber, receive)',
        'return park(queue.getters, fiber, receive)',
        'a get from a closed queue waits for ever'
      ],
      [
        '    if (queue.items.size > 0) return receive(queue.take())\n',
        '    if (queue.closed) return queueClosedError\n    if (queue.items.size > 0) return receive(queue.take())\n',
        'the items of a closed queue are lost'
      ],
      ['    if (this.isFull) return false\n', '', 'a queue takes more than it holds'],
      [
        'const getter = dequeue(this.getters)',
        'const getter = undefined as ReturnType<typeof dequeue<Receive<X>>>',
        'getters wait beside an item'
      ],
      [
        'const putter = dequeue(this.putters)',
        'const putter = undefined as ReturnType<typeof dequeue<X>>',
        'putters wait though there is room'
      ],
      [
        '    if (this.closed) return left(new QueueClosedError())\n    return this.offer',
        '    return this.offer',
        'putNowait puts into a closed queue'
      ],
      ['this.items.size >= this.maxsize', 'this.items.size > this.maxsize', 'a queue holds one too many'],
      ['items.length < max &&', 'items.length <= max &&', 'getAll takes one too many'],
      [
        'left(this.closed ? new QueueClosedError() : new QueueEmptyError())',
        'left(this.closed ? new QueueEmptyError() : new QueueClosedError())',
        'an open queue says closed'
      ],
      ['      this.items.push(putter.payload)\n', '', 'the item of a putter that waited is lost'],
      [
        'while (this.items.size > 0) last = this.take()',
        'if (this.items.size > 0) last = this.take()',
        'getUntilEmpty takes two at most'
      ],
      [
        'primitive(Op.Park, Queue.lookForItem, this, this.receiveLast)',
        'primitive(Op.Park, Queue.lookForItem, this, succeed)',
        'getUntilEmpty takes one'
      ],
      [
        '    if (this.closed) return\n    this.closed = true',
        '    this.closed = true',
        'a queue is closed twice',
        'no fiber waits at a closed queue, so that none can be woken twice'
      ]
    ]
  },
  {
    file: 'runtime/ring-buffer.ts',
    tests: ['test/coordination/queue', 'test/runtime/scheduler-order'],
    breakages: [
      [
        'resized[index] = places[(first + index) & (places.length - 1)]',
        'resized[index] = places[index]',
        'items change places where the buffer grows'
      ],
      ['    this.places[this.first] = undefined\n', '', 'a queue keeps what was taken from it'],
      [
        'this.count * 4 < this.places.length',
        'this.count * 4 < 0',
        'a queue that was long once keeps its memory'
      ]
    ]
  },
  {
    file: 'coordination/semaphore.ts',
    tests: ['test/coordination/semaphore', 'test/runtime/wait-queue-cost'],
    breakages: [
      ['this.waiters.first !== undefined || ', '', 'newcomers barge'],
      ['      this.free -= first.payload\n', '', 'permits out of nowhere'],
      ['    this.free += n\n    this.serve()', '    this.free += n', 'no waiter is woken for free permits'],
      [
        'first.payload > this.free) return',
        'first.payload >= this.free) return',
        'the head waits though it fits'
      ],
      [
        'hold(restore(acquire), restore(self), release))\n        : die(',
        'hold(acquire, restore(self), release))\n        : die(',
        'a fiber that waits for permits cannot be interrupted'
      ],
      [
        'hold(restore(acquire), restore(self), release)',
        'hold(restore(acquire), self, release)',
        'a fiber that has permits cannot be interrupted'
      ],
      [
        '      first.fiber.wake(unit)\n',
        '      first.fiber.wake(unit)\n      return\n',
        'one is served where several fit'
      ],
      [', () => this.serve())', ')', 'those behind an interrupted head wait on'],
      ['hold(unit, restore(held), release)', 'hold(unit, held, release)', 'tryWithPermits masks'],
      ['onExit<E, A, never>(release)(self)', 'self', 'permits are never given back'],
      [
        'if (wrong !== undefined || n <= this.permits) return wrong',
        'return wrong',
        'more permits than there are are waited for, for ever'
      ]
    ]
  },
  {
    file: 'coordination/latch.ts',
    tests: ['test/coordination/latch'],
    breakages: [
      ['    wakeAll(this.waiters, unit)\n', '', 'fibers that wait at a latch are not woken'],
      ['this.passable = false', 'this.passable = this.passable', 'a latch cannot be shut'],
      ['return latch.passable ? unit :', 'return !latch.passable ? unit :', 'a latch is open when it is shut']
    ]
  },
  {
    file: 'coordination/deferred.ts',
    tests: ['test/coordination/deferred'],
    breakages: [
      ['    if (this.outcome !== undefined) return false\n', '', 'a Deferred is completed twice'],
      ['    wakeAll(this.waiters, outcome)\n', '', 'fibers that wait for a Deferred are not woken'],
      ['deferred.outcome ?? park', 'park', 'a fiber that waits for a completed Deferred waits for ever']
    ]
  }
]
