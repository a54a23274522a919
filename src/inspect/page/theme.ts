/**
 * Light and dark mode: the system's setting, unless the user has chosen one. Canvases read the colors of the
 * style sheet here.
 */

export const themes = ['system', 'light', 'dark'] as const

export type Theme = (typeof themes)[number]

const themePlace = 'aio-ts-inspector-theme'

/**
 * Reads a setting from local storage. If the browser stores nothing, a choice is lost when the page is
 * closed.
 */
export const stored = (name: string): string | null => {
  try {
    return localStorage.getItem(name)
  } catch {
    return null
  }
}

export const store = (name: string, value: string): void => {
  try {
    localStorage.setItem(name, value)
  } catch {
    // Without storage the choice is lost when the page is closed.
  }
}

const tokens = [
  'text',
  'muted',
  'grid',
  'surface',
  'done',
  'failed',
  'died',
  'interrupted',
  'living',
  'started'
] as const

export type Palette = Readonly<Record<(typeof tokens)[number], string>>

let palette: Palette | undefined
const listeners = new Set<() => void>()

const forget = (): void => {
  palette = undefined
  for (const listener of listeners) listener()
}

/** Calls `listener` whenever the colors change. Returns a function that removes the listener. */
export const onColours = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const readTheme = (): Palette => {
  // Browsers only compute colors that an element uses: a custom property contains both the light and the dark
  // one.
  const probe = document.body.appendChild(document.createElement('span'))
  const colours = tokens.map((token) => {
    probe.style.color = `var(--${token})`
    return [token, getComputedStyle(probe).color]
  })
  probe.remove()
  return Object.fromEntries(colours)
}

export const colours = (): Palette => {
  palette ??= readTheme()
  return palette
}

export const theme = (): Theme =>
  themes.find((name) => name === document.documentElement.dataset.theme) ?? 'system'

export const setTheme = (next: Theme): void => {
  document.documentElement.dataset.theme = next
  store(themePlace, next)
  forget()
}

/** Must be called before anything is drawn. */
export const startTheme = (): void => {
  const chosen = stored(themePlace)
  document.documentElement.dataset.theme = themes.find((name) => name === chosen) ?? 'system'
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', forget)
}
