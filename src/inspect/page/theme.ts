/**
 * Light and dark: what the system says, unless a person says otherwise. Canvases ask here for the colours of
 * the style sheet.
 */

export const themes = ['system', 'light', 'dark'] as const

export type Theme = (typeof themes)[number]

const themePlace = 'aio-ts-inspector-theme'

/**
 * What is kept from visit to visit; a browser may keep nothing, and then a choice holds for the page that it
 * was made on.
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
    // As above.
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

/** Calls whenever the colours are others; gives back the undo. */
export const onColours = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

const readTheme = (): Palette => {
  // Only a colour that some element has is computed: a custom property keeps both, the light and the dark
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

/** To be called before anything is drawn. */
export const startTheme = (): void => {
  const chosen = stored(themePlace)
  document.documentElement.dataset.theme = themes.find((name) => name === chosen) ?? 'system'
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', forget)
}
