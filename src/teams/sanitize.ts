// Makes text from outside safe to show as plain text in a card. Never decides what may be clicked, and hides nothing:
// what cannot be shown is named, what is cut is counted.

// Controls, formats (bidi, zero-width, tags), lone surrogates, private use, line separators, everything that renderers
// ignore (variation selectors, fillers) and noncharacters.
const hostile = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu
const stackedMarks = /(\p{M}{4})(\p{M}+)/gu
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })

/**
 * Idempotent: sanitizing twice gives what sanitizing once gave.
 * @param limit upper bound of the result in UTF-16 code units, the mark "… (N more characters)" included; at least 40.
 */
export function sanitize(text: string, limit: number): string {
  // Eight times the limit is more than can be shown, and bounds the work that a long text makes.
  const head = upTo(text, 8 * limit)
  const visible = head
    .replace(hostile, (character) => `<U+${hex(character)}>`)
    // After the replacement, because a mark that followed a control now follows ">", with which it may compose.
    .normalize('NFC')
    .replace(stackedMarks, (_, kept: string, rest: string) => `${kept}<+${String(countCharacters(rest))} marks>`)
  return cut(breakMarkup(visible), limit, countCharacters(text.slice(head.length)))
}

// Cards expand {{DATE(…)}} wherever it stands, templates expand ${…}, and Teams turns <at> into a mention.
function breakMarkup(text: string): string {
  return text.replace(/[{$](?=\{)/g, '$& ').replace(/<(?=\/?at)/gi, '< ')
}

function cut(text: string, limit: number, unread: number): string {
  if (text.length <= limit && unread === 0) return text
  // The longest the mark can become for this text, so that the result fits and is never cut again.
  const room = limit - moreCharacters(text.length + unread).length
  let shown = ''
  for (const { segment } of graphemes.segment(upTo(text, limit))) {
    if (shown.length + segment.length > room) break
    shown += segment
  }
  // One grapheme can be longer than any limit (conjoining jamo): then it is cut between code points.
  if (shown === '') shown = upTo(text, room)
  return shown + moreCharacters(countCharacters(text.slice(shown.length)) + unread)
}

function moreCharacters(count: number): string {
  return `… (${String(count)} more characters)`
}

/** At most so many code units, without half a surrogate pair at the end. */
function upTo(text: string, length: number): string {
  const unit = text.charCodeAt(length - 1)
  const splits = length < text.length && unit >= 0xd800 && unit <= 0xdbff
  return text.slice(0, splits ? length - 1 : length)
}

function countCharacters(text: string): number {
  return [...text].length
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
