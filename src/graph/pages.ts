// Reads a list of Graph to its end, page by page. Never follows a link away from that list, nor in a circle.
import type { Clock } from '../case/ports.js'
import type { GraphClient } from './graph-client.js'
import { bodyOf, problemIn, unavailable, unreadable, type GraphProblem } from './graph-problem.js'

export interface PagedList {
  client: GraphClient
  clock: Clock
  /** For each page; milliseconds. */
  deadlineMs: number
  /** Below the version, without query. */
  path: string
  /** The application permission that the list takes. */
  permission: string
  mostPages: number
  /** RFC 7240. */
  prefer?: string
}

export const tooManyPages = unavailable('Microsoft Graph has more than can be read at once.')

/**
 * All entries, of every page or of none.
 * @param firstQuery with its question mark, encoded.
 */
export async function readPages(list: PagedList, firstQuery: string): Promise<unknown[] | GraphProblem> {
  const { client, clock, deadlineMs, path, permission, mostPages, prefer } = list
  const entries: unknown[] = []
  const asked = new Set<string>()
  let query: string | null = firstQuery
  while (query !== null) {
    if (asked.has(query)) return unavailable('Microsoft Graph answered the same page twice.')
    if (asked.size === mostPages) return tooManyPages
    asked.add(query)
    const answer = await client.send({
      method: 'GET',
      path: `${path}${query}`,
      deadline: AbortSignal.timeout(deadlineMs),
      expects: 'json',
      ...(prefer === undefined ? {} : { prefer })
    })
    const problem = problemIn(answer, permission, { version: client.version, now: clock.now() })
    if (problem !== null) return problem
    const { value, '@odata.nextLink': nextLink } = bodyOf(answer)
    if (!Array.isArray(value)) return unreadable
    for (const each of value) entries.push(each)
    const next =
      nextLink === undefined || nextLink === null
        ? null
        : queryOf(nextLink, (address) => address.toLowerCase() === `${client.root}/${path}`.toLowerCase())
    if (next === undefined) return unreadable
    query = next
  }
  return entries
}

/** `?name=value&…`, with the values encoded and the names as they are. */
export function queryString(parameters: Record<string, string>): string {
  return `?${Object.entries(parameters)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&')}`
}

/** A link's query, to be asked of our own path; undefined where the link would lead anywhere but to `expected` addresses. */
export function queryOf(link: unknown, expected: (address: string) => boolean): string | undefined {
  if (typeof link !== 'string' || !URL.canParse(link)) return undefined
  const url = new URL(link)
  if (!expected(`${url.origin}${url.pathname}`)) return undefined
  // The client takes any `https://` in a path for the beginning of an address.
  return url.search.replaceAll('://', '%3A%2F%2F')
}
