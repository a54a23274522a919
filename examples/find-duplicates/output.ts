/**
 * Writes text and keeps no more than a page of it in memory: a full page is sent, and the writer waits until the system has
 * taken it. The reader of the output may stop reading, which is an error of its own.
 */
import type { Writable } from 'node:stream'
import { Task } from 'aio-ts'
import { pipe } from 'fp-ts/lib/function.js'

/** The reader has gone, as `head` does when it has its ten lines. */
export class OutputClosed {
  readonly _tag = 'OutputClosed'
}

export class OutputFailed {
  readonly _tag = 'OutputFailed'
  constructor(readonly message: string) {}
}

export type OutputError = OutputClosed | OutputFailed

export type Piece = string | Uint8Array

const pageSize = 64 * 1024
const maxBytesPerCodeUnit = 3

export class Output {
  private readonly page = Buffer.allocUnsafeSlow(pageSize)
  private used = 0

  private constructor(private readonly stream: Writable) {}

  /** Passes the writer to `use`, and sends what is left at the end. */
  static writing<E>(
    stream: Writable,
    use: (output: Output) => Task.Task<E, unknown>
  ): Task.Task<E | OutputError, void> {
    // A failed write is reported to its callback. Without a listener Node would also end the program.
    const ignore = (): void => {}
    return Task.bracket(
      Task.sync(() => {
        stream.on('error', ignore)
        return new Output(stream)
      }),
      (output) =>
        pipe(
          use(output),
          Task.flatMap(() => output.send())
        ),
      () => Task.sync(() => stream.off('error', ignore))
    )
  }

  write(piece: Piece): Task.Task<OutputError, void> {
    return this.writeAll([piece])
  }

  /** Takes each piece only when there is room for it. */
  writeAll(pieces: Iterable<Piece>): Task.Task<OutputError, void> {
    return Task.suspend(() => this.writeRest(pieces[Symbol.iterator]()))
  }

  private writeRest(pieces: Iterator<Piece>): Task.Task<OutputError, void> {
    for (let next = pieces.next(); next.done !== true; next = pieces.next()) {
      const piece = next.value
      if (!this.add(piece)) {
        return pipe(
          this.send(),
          Task.flatMap(() => (this.add(piece) ? Task.unit : this.put(Buffer.from(piece)))),
          Task.flatMap(() => this.writeRest(pieces))
        )
      }
    }
    return Task.unit
  }

  /** False if there may be no room for it. */
  private add(piece: Piece): boolean {
    if (typeof piece === 'string') {
      if (this.used + piece.length * maxBytesPerCodeUnit > pageSize) return false
      this.used += this.page.write(piece, this.used)
    } else {
      if (this.used + piece.length > pageSize) return false
      this.page.set(piece, this.used)
      this.used += piece.length
    }
    return true
  }

  private send(): Task.Task<OutputError, void> {
    return Task.suspend(() => {
      const page = this.page.subarray(0, this.used)
      this.used = 0
      return this.put(page)
    })
  }

  /** Not interruptible, since the stream uses the bytes until it has called back. */
  private put(bytes: Buffer): Task.Task<OutputError, void> {
    return pipe(
      Task.async<OutputError, void>((resume) => {
        this.stream.write(bytes, (error) => resume(error == null ? Task.unit : Task.fail(outputError(error))))
      }),
      Task.uninterruptible
    )
  }
}

const outputError = (error: NodeJS.ErrnoException): OutputError =>
  error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
    ? new OutputClosed()
    : new OutputFailed(error.message)
