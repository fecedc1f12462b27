// Writes a card as plain lines for a transcript: rows side by side, inputs and buttons in brackets. Leaves out what stands closed.

interface Element {
  type?: string
  isVisible?: unknown
  text?: unknown
  label?: unknown
  title?: unknown
  value?: unknown
  choices?: { title: string; value: string }[]
  inlines?: (string | { text?: string })[]
  items?: Element[]
  body?: Element[]
  columns?: Element[]
  actions?: Element[]
}

export function cardLines(card: unknown): string[] {
  return linesOf(card as Element).filter((line) => line.trim() !== '')
}

function linesOf(element: Element): string[] {
  if (element.isVisible === false) return []
  const { type = '', items = [], body = [], columns, actions } = element
  if (type === 'TextBlock') return [String(element.text)]
  if (type === 'RichTextBlock') {
    return [(element.inlines ?? []).map((run) => (typeof run === 'string' ? run : (run.text ?? ''))).join('')]
  }
  if (type.startsWith('Input.')) return [`[${inputLine(element)}]`]
  if (columns !== undefined) return sideBySide(columns.map((column) => (column.items ?? []).flatMap(linesOf)))
  if (actions !== undefined && type === 'ActionSet') return [actions.map(({ title }) => `[${String(title)}]`).join(' ')]
  return [...items, ...body].flatMap(linesOf)
}

function inputLine({ label, title, value, choices }: Element): string {
  const chosen = choices?.find((choice) => choice.value === value)?.title ?? value
  return `${String(label ?? title)}: ${typeof chosen === 'string' ? chosen : ''}`.trim()
}

const labelWidth = 16

/** The first column's first line is the label of the others; what would stand below it is kept below. */
function sideBySide(columns: string[][]): string[] {
  const height = Math.max(0, ...columns.map((column) => column.length))
  return Array.from({ length: height }, (_, line) =>
    columns
      .map((column, index) => {
        const text = column[line] ?? ''
        const glyph = index === 0 && column.every((each) => each.length <= 2)
        return index === columns.length - 1 ? text : `${text.padEnd(glyph ? 2 : labelWidth - 1)} `
      })
      .join('')
      .trimEnd()
  )
}
