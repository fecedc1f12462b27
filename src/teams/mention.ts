// Mentions of people and tags, as Teams wants them on a card. A display name can never become markup or a mention of its own.
// https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/cards-format#mention-support-within-adaptive-cards
import type { Nudge } from '../case/nudge.js'
import type { Directory } from '../case/ports.js'
import { plainName } from './words.js'

export interface Mention {
  /** An Entra object id, or a tag's id. */
  id: string
  name: string
  /** Stands in the card's text; Teams finds the mention by it, so that no two may be alike. */
  text: string
}

export interface Mentions {
  people: Mention[]
  tags: Mention[]
}

/** Bots cannot mention groups, and what Teams cannot find shifts all mentions after it: unknown people are left out. */
export async function mentionsFor(
  { kind, users, tags }: Pick<Nudge, 'kind' | 'users' | 'tags'>,
  tagName: string,
  directory: Directory
): Promise<Mentions> {
  const rights = await Promise.all(users.map(async (id) => ({ id, found: await directory.rightsOf(id, []) })))
  const unnamed = kind === 'onCall' ? 'on-call' : plainMention(tagName, 'on-call')
  const people = rights.flatMap(({ id, found }) => {
    if (found.kind === 'notFound' || (found.kind === 'known' && !found.enabled)) return []
    return [{ id, name: found.kind === 'known' ? plainMention(found.name, unnamed) : unnamed }]
  })
  const named = [
    ...people.map((each) => ({ ...each, tag: false })),
    ...tags.map((id) => ({ id, name: plainMention(tagName, 'on-call'), tag: true }))
  ]
  const seen = new Map<string, number>()
  const all = named.map(({ id, name, tag }) => {
    const count = (seen.get(name.toLowerCase()) ?? 0) + 1
    seen.set(name.toLowerCase(), count)
    const shown = count === 1 ? name : `${name} ${String(count)}`
    return { id, name: shown, text: `<at>${shown}</at>`, tag }
  })
  const part = (wanted: boolean) =>
    all.filter(({ tag }) => tag === wanted).map(({ id, name, text }) => ({ id, name, text }))
  return { people: part(false), tags: part(true) }
}

/** `&lt;` and its like would be read as what they stand for. */
function plainMention(name: string, otherwise: string): string {
  const clean = name.trim() === '' ? otherwise : plainName(name.replace(/[&;]/g, ' '))
  return clean.replace(/\s+/g, ' ').trim()
}
