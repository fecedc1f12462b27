// Teams' light and dark look, as far as a host config and a style sheet of the renderer can say it. An approximation, never measured in Teams.

export type ThemeName = 'light' | 'dark'

interface Theme {
  page: string
  card: string
  line: string
  input: string
  text: string
  subtle: string
  accent: string
  good: string
  warning: string
  attention: string
  bands: Record<'emphasis' | 'accent' | 'good' | 'warning' | 'attention', string>
}

const themes: Record<ThemeName, Theme> = {
  light: {
    page: '#f5f5f5',
    card: '#ffffff',
    line: '#d9d9d9',
    input: '#ffffff',
    text: '#242424',
    subtle: '#616161',
    accent: '#4f52b2',
    good: '#0e700e',
    warning: '#835c00',
    attention: '#b10e1c',
    bands: { emphasis: '#f4f4f4', accent: '#ebedf9', good: '#e7f2e7', warning: '#f9f2d5', attention: '#fceced' }
  },
  dark: {
    page: '#1f1f1f',
    card: '#292929',
    line: '#4d4d4d',
    input: '#1f1f1f',
    text: '#ffffff',
    subtle: '#b3b3b3',
    accent: '#a6a7f1',
    good: '#7cc97c',
    warning: '#f2c661',
    attention: '#f4989f',
    bands: { emphasis: '#343434', accent: '#2c2d4a', good: '#17341a', warning: '#3a2d0f', attention: '#43191e' }
  }
}

// The bundled sans draws this sign from two that overlap.
const signs = `@font-face { font-family: Signs; src: local('DejaVu Sans Bold'); unicode-range: U+2260 }`
const fontFamily = "Signs, 'Segoe UI', 'Open Sans', 'Noto Sans', 'DejaVu Sans', sans-serif"
const fontSizes = { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 }
const fontWeights = { lighter: 300, default: 400, bolder: 600 }

export function hostConfig(name: ThemeName): object {
  const { card, bands, line, subtle, ...colors } = themes[name]
  const text = (color: string) => ({ default: color, subtle })
  const foregroundColors = {
    default: text(colors.text),
    dark: text(colors.text),
    light: text(colors.text),
    accent: text(colors.accent),
    good: text(colors.good),
    warning: text(colors.warning),
    attention: text(colors.attention)
  }
  const tone = (backgroundColor: string) => ({ backgroundColor, foregroundColors })
  return {
    supportsInteractivity: true,
    fontFamily,
    fontSizes,
    fontWeights,
    fontTypes: {
      default: { fontFamily, fontSizes, fontWeights },
      monospace: { fontFamily: "'Consolas', 'Noto Sans Mono', 'DejaVu Sans Mono', monospace", fontSizes, fontWeights }
    },
    spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
    separator: { lineThickness: 1, lineColor: line },
    containerStyles: {
      default: tone(card),
      ...Object.fromEntries(Object.entries(bands).map(([style, color]) => [style, tone(color)]))
    },
    actions: {
      maxActions: 6,
      spacing: 'default',
      buttonSpacing: 8,
      actionsOrientation: 'horizontal',
      actionAlignment: 'left'
    },
    inputs: {
      label: {
        inputSpacing: 'small',
        requiredInputs: { suffix: ' *', suffixColor: 'attention' },
        optionalInputs: {}
      },
      errorMessage: { color: 'attention', spacing: 'small' }
    }
  }
}

export function styleSheet(name: ThemeName): string {
  const { page, card, line, input, text, subtle } = themes[name]
  return `
  ${signs}
  :root { color-scheme: ${name} }
  body { margin: 0; padding: 8px; background: ${page}; font-family: ${fontFamily} }
  .card { background: ${card}; border: 1px solid ${line}; border-radius: 6px; overflow: hidden; margin-bottom: 8px }
  .card + .card { margin-left: 24px }
  .ac-pushButton { font: 600 14px ${fontFamily}; padding: 6px 14px; border: 1px solid ${subtle}; border-radius: 4px; background: ${card}; color: ${text} }
  .ac-pushButton.style-positive { background: #5b5fc7; border-color: #5b5fc7; color: #fff }
  .ac-pushButton.style-destructive { background: #c50f1f; border-color: #c50f1f; color: #fff }
  .ac-input { font: 14px ${fontFamily}; padding: 6px 10px; border: 1px solid ${line}; border-bottom-color: ${subtle}; border-radius: 4px; background: ${input}; color: ${text}; box-sizing: border-box }
  .ac-input::placeholder { color: ${subtle}; opacity: 1 }
  .ac-actionSet { flex-wrap: wrap; row-gap: 8px }
  .card { overflow-wrap: anywhere }
  .ac-richTextBlock { font-size: 14px; line-height: 1.33 }
  .ac-selectable { cursor: pointer }`
}
