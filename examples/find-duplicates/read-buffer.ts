/**
 * Buffers to read files into.
 *
 * A large buffer that comes straight from the allocator begins at a page of memory, or 16 bytes behind that, and so does
 * each page of a file in the system's cache. Some processors copy between two such places four to five times as slowly as
 * between any others: AMD's Zen 3 does it with the one instruction (`rep movsb`) with which Linux copies a read.
 */

/** A cache line, so that the first byte is as well aligned as before. */
const offset = 64

/** Its first byte is not at the start of a page. */
export const makeReadBuffer = (size: number): Buffer => Buffer.allocUnsafeSlow(offset + size).subarray(offset)
