/**
 * Copies methods onto the prototype of a class after its definition (a mixin that bundlers can tree-shake): a
 * class has them only if the program uses them.
 */

interface Class {
  readonly prototype: object
}

/** Adds the methods of `methods`, a class that is never instantiated, to all objects of `base`. */
export function addMethods(base: Class, methods: Class): void {
  const { constructor: _, ...all } = Object.getOwnPropertyDescriptors(methods.prototype)
  Object.defineProperties(base.prototype, all)
}
