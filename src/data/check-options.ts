/**
 * The validation of options. A rule for each option says what is expected; an option that is left out, or
 * undefined, is always right. Options without a rule are not looked at.
 */
import { checkCount, checkFunction, checkTime, expected, hasMethod } from './check-input.js'

/** Returns the error for `value`, the option `name` of the function `where`, or undefined if it is right. */
export type OptionRule = (where: string, name: string, value: unknown) => Error | undefined

/** A whole number of at least `least`. `what` describes the number, if the name does not. */
export const count =
  (least: number, what?: string): OptionRule =>
  (where, name, value) =>
    checkCount(where, what ?? name, least, value)

/** A finite time of 0 or more milliseconds. */
export const milliseconds: OptionRule = (where, name, value) => checkTime(`${where}, ${name}`, value)

/** One of `words`. */
export const oneOf =
  (...words: ReadonlyArray<string>): OptionRule =>
  (where, name, value) =>
    words.some((word) => word === value)
      ? undefined
      : expected(where, `${name} to be ${words.map((word) => `'${word}'`).join(' or ')}`, value)

/** A function. */
export const callback: OptionRule = (where, name, value) =>
  checkFunction(where, `${name} to be a function`, value)

/** True or false. */
export const flag: OptionRule = (where, name, value) =>
  typeof value === 'boolean' ? undefined : expected(where, `${name} to be true or false`, value)

/** An AbortSignal. */
export const abortable: OptionRule = (where, name, value) =>
  hasMethod(value, 'addEventListener') ? undefined : expected(where, `${name} to be an AbortSignal`, value)

/** What `isRight` accepts; `what` says what is expected. */
export const fitting =
  (what: string, isRight: (value: unknown) => boolean): OptionRule =>
  (where, _name, value) =>
    isRight(value) ? undefined : expected(where, what, value)

/** Returns the error for the first option that breaks its rule, or for options that are not an object. */
export function checkOptions<O extends object>(
  where: string,
  options: O,
  rules: { readonly [K in keyof O]?: OptionRule }
): Error | undefined {
  if (typeof options !== 'object' || options === null) return expected(where, 'an object of options', options)
  for (const name in rules) {
    const value = options[name]
    const wrong = value === undefined ? undefined : rules[name]?.(where, name, value)
    if (wrong !== undefined) return wrong
  }
  return undefined
}
