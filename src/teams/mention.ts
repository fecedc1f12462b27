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
  const taken = new Set<string>()
  const mentions: Mentions = { people: [], tags: [] }
  for (const { id, name, tag } of named) {
    const shown = unlike(taken, name)
    taken.add(shown.toLowerCase())
    mentions[tag ? 'tags' : 'people'].push({ id, name: shown, text: `<at>${shown}</at>` })
  }
  return mentions
}

function unlike(taken: ReadonlySet<string>, name: string): string {
  let shown = name
  for (let count = 2; taken.has(shown.toLowerCase()); count += 1) shown = `${name} ${String(count)}`
  return shown
}

/** `&lt;` and its like would be read as what they stand for. */
function plainMention(name: string, otherwise: string): string {
  const clean = name.trim() === '' ? otherwise : plainName(name.replace(/[&;]/g, ' '))
  return clean.replace(/\s+/g, ' ').trim()
}
