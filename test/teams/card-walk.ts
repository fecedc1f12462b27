// Reads a card as a client would: its texts, its actions, its nodes. Never changes it.

export interface Node {
  [key: string]: unknown
  type?: string
}

/** Every object on the card, depth first. */
export function nodesOf(value: unknown): Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesOf)
  if (typeof value !== 'object' || value === null) return []
  return [value as Node, ...Object.values(value).flatMap(nodesOf)]
}

/** What a person reads, runs of one block joined, blocks parted by line ends. */
export function textOf(card: object): string {
  return nodesOf(card)
    .flatMap((node) => {
      if (node.type === 'TextBlock') return [node.text]
      if (node.type === 'RichTextBlock') return [(node.inlines as Node[]).map((run) => run.text).join('')]
      return []
    })
    .join('\n')
}

export function titlesOf(card: object): string[] {
  return nodesOf(card)
    .filter(({ type }) => type === 'Action.Execute' || type === 'Action.OpenUrl')
    .map(({ title }) => String(title))
}

/** Every string of the card that is not the text of a monospaced TextRun. */
export function trustedStringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(trustedStringsOf)
  if (typeof value !== 'object' || value === null) return []
  const node = value as Node
  return Object.entries(node).flatMap(([key, child]) =>
    key === 'text' && node.type === 'TextRun' && node.fontType === 'Monospace' ? [] : [key, ...trustedStringsOf(child)]
  )
}

/** The card as a client shows it that knows no charts. */
export function withoutCharts(card: object): object {
  return chartless(card) as object
}

function chartless(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(chartless)
  if (typeof value !== 'object' || value === null) return value
  const node = value as Node
  if (node.type?.startsWith('Chart.') === true) return chartless(node.fallback)
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, chartless(child)]))
}
