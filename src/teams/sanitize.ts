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
  const visible = text
    .replace(hostile, (character) => `<U+${hex(character)}>`)
    // After the replacement, because a mark that followed a control now follows ">", with which it may compose.
    .normalize('NFC')
    .replace(stackedMarks, (_, kept: string, rest: string) => `${kept}<+${String([...rest].length)} marks>`)
  return cut(breakMarkup(visible), limit)
}

// Cards expand {{DATE(…)}} wherever it stands, templates expand ${…}, and Teams turns <at> into a mention.
function breakMarkup(text: string): string {
  return text.replace(/[{$](?=\{)/g, '$& ').replace(/<(?=\/?at)/gi, '< ')
}

function cut(text: string, limit: number): string {
  if (text.length <= limit) return text
  // The longest the mark can become for this text, so that the result fits and is never cut again.
  const room = limit - moreCharacters(text.length).length
  let end = 0
  for (const { segment, index } of graphemes.segment(text.slice(0, limit))) {
    if (index + segment.length > room) break
    end = index + segment.length
  }
  // One grapheme can be longer than any limit (conjoining jamo): then it is cut between code points.
  if (end === 0) end = isHighSurrogate(text, room - 1) ? room - 1 : room
  return text.slice(0, end) + moreCharacters([...text.slice(end)].length)
}

function moreCharacters(count: number): string {
  return `… (${String(count)} more characters)`
}

function isHighSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index)
  return unit >= 0xd800 && unit <= 0xdbff
}

function hex(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
}
