// Expands the frozen card templates and checks what came out. Never sees text that did not go through the sanitizer.
import { Template } from 'adaptivecards-templating'

/** Our own bound, far under what Teams takes; UTF-8 bytes of the card's JSON. */
export const maxCardBytes = 20 * 1024

/** Building a Template costs milliseconds, expanding one a fraction of that: call this once per template, at load. */
export function cardTemplate(template: object): (view: object) => { card: object; bytes: number } {
  const compiled = new Template(template)
  return (view) => {
    const card = withoutDefaults(compiled.expand({ $root: view })) as object
    const text = JSON.stringify(card)
    // A field that the view forgot stays as its binding, and a card expanded again would be an injection.
    if (text.includes('${')) throw new CardBindingError()
    return { card, bytes: Buffer.byteLength(text) }
  }
}

// A template can bind a value but not leave a property out; said defaults are a quarter of a large card.
function withoutDefaults(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDefaults)
  if (typeof value !== 'object' || value === null) return value
  const isRun = 'type' in value && value.type === 'TextRun'
  const kept = Object.entries(value).filter(([key, child]) => !(isRun && key !== 'text' && child === 'Default'))
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutDefaults(child)]))
}

export class CardBindingError extends Error {
  override name = 'CardBindingError'
  constructor() {
    super('A card has an unbound field')
  }
}
