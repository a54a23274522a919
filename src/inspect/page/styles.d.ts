/** Declares imports of style sheets, which the bundler handles. */
declare module '*.css'
