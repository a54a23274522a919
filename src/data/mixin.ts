/** Methods that come late: a class has them where the program has a use for them. */

interface Class {
  readonly prototype: object
}

/** All objects of `base` have from now on the methods of `methods`, a class of which none is ever made. */
export function addMethods(base: Class, methods: Class): void {
  const { constructor: _, ...all } = Object.getOwnPropertyDescriptors(methods.prototype)
  Object.defineProperties(base.prototype, all)
}
