// Parts of schemas for answers of Graph, in which every property may be missing, null or new. Never throws and never keeps long text.
import { z } from 'zod'

/** Text cut at `longest` characters; empty where there is none. */
export function textUpTo(longest: number) {
  // Half of a surrogate pair is no text, and some databases refuse it.
  return z
    .string()
    .transform((value) => value.slice(0, longest).replace(/[\ud800-\udbff]$/, ''))
    .catch('')
}

/** An object of which every part has its own way to be missing. */
export function loose<T extends z.ZodRawShape>(shape: T) {
  const isObject = (value: unknown) => typeof value === 'object' && value !== null && !Array.isArray(value)
  return z.preprocess((value) => (isObject(value) ? value : {}), z.object(shape))
}
