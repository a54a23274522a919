// The smallest of jobs, for raw piscina and for an executor alike.
export const same = (/** @type {unknown} */ value) => value
export const lengthOf = (/** @type {ArrayBuffer} */ buffer) => buffer.byteLength
