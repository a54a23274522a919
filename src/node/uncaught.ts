/**
 * What goes wrong outside of every fiber, and would end the process before a finalizer has run: exceptions
 * that nobody catches, rejections that nobody handles, and a stdout or stderr that nobody reads any more.
 */
import { type EventEmitter, errorMonitor } from 'node:events'
import { ignoreError } from './exit-process.js'

/** What is called for each of them. */
export interface UncaughtListener {
  /** An exception, or with `isRejection` the reason of a rejection. */
  onUncaught(error: unknown, isRejection: boolean): void
  /**
   * The reader of stdout or stderr is gone. `isHandled` if the program listens for errors of that stream
   * itself.
   */
  onBrokenPipe(error: unknown, isHandled: boolean): void
}

/** Listens to `stream`, as long as the program goes on. Returns what ends that. */
function watchStream(stream: EventEmitter, listener: UncaughtListener): () => void {
  // With a listener, an error of the stream is not thrown. The monitor is called before the listeners, some
  // of which go when they are.
  const monitor = (error: NodeJS.ErrnoException): void => {
    const isHandled = stream.listeners('error').some((other) => other !== ignoreError)
    if (error.code === 'EPIPE') listener.onBrokenPipe(error, isHandled)
    else if (!isHandled) listener.onUncaught(error, false)
  }
  stream.on(errorMonitor, monitor)
  stream.on('error', ignoreError)
  return () => {
    stream.off(errorMonitor, monitor)
    stream.off('error', ignoreError)
  }
}

/** Listens from now on. Returns what ends that. */
export function watchUncaught(listener: UncaughtListener): () => void {
  // Node raises a rejection that nobody handles as an exception, unless the program listens for those, or a
  // flag says otherwise.
  const onException = (error: unknown, origin: string): void =>
    listener.onUncaught(error, origin === 'unhandledRejection')
  process.on('uncaughtException', onException)
  const undo = [process.stdout, process.stderr].map((stream) => watchStream(stream, listener))
  return () => {
    process.off('uncaughtException', onException)
    for (const end of undo) end()
  }
}
