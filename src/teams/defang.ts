// Rewrites addresses and URLs so that no client makes them clickable. Never fetches, resolves or judges them.
import { domainToASCII, domainToUnicode } from 'node:url'

export interface Defanged {
  text: string
  /** Our own words about the host, to be shown beside it. */
  warnings: string[]
}

/** `https://a@b.example/x` becomes `hxxps://b[.]example/x`; what is not a URL is treated as host and path. */
export function defangUrl(url: string): Defanged {
  const parts = /^(?:([a-z][a-z0-9+.-]*):)?([\\/]*)([^\\/?#]*)(.*)$/is.exec(url.trim())
  const [, scheme = '', slashes = '', authority = '', rest = ''] = parts ?? []
  const at = authority.lastIndexOf('@')
  const { name, port } = splitPort(authority.slice(at + 1))
  const host = defangHost(name)
  // Without slashes nothing after the scheme is a host that a client would open (javascript:, data:).
  const start = scheme === '' ? slashes : slashes === '' ? `${scheme}[:]` : `${defangScheme(scheme)}://`
  return {
    text: start + host.text + port + defangText(rest),
    warnings: at === -1 ? host.warnings : [...host.warnings, 'user name removed']
  }
}

/** `a@b.example` becomes `a[@]b[.]example`. */
export function defangAddress(address: string): Defanged {
  const trimmed = address.trim()
  const at = trimmed.lastIndexOf('@')
  if (at === -1) return { text: trimmed.replaceAll('.', '[.]'), warnings: [] }
  const host = defangHost(trimmed.slice(at + 1))
  return { text: `${trimmed.slice(0, at).replaceAll('@', '[@]')}[@]${host.text}`, warnings: host.warnings }
}

/** For free text: only the schemes that clients turn into links by themselves. */
export function defangText(text: string): string {
  return text.replace(/\bhttp(?=s?:)/gi, 'hxxp').replace(/\bwww\./gi, 'www[.]')
}

function defangScheme(scheme: string): string {
  return scheme.toLowerCase().replace('http', 'hxxp').replace('ftp', 'fxp')
}

function splitPort(host: string): { name: string; port: string } {
  const match = /^(.*?)(:\d*)?$/s.exec(host)
  return { name: match?.[1] ?? '', port: match?.[2] ?? '' }
}

function defangHost(host: string): Defanged {
  // Browsers take the East Asian full stops for dots too.
  const dotted = (name: string) => name.replace(/[.\u3002\uff0e\uff61]/g, '[.]')
  const ascii = domainToASCII(host)
  // Not a host that any resolver would take: shown as it is, without anything that links.
  if (!ascii.includes('xn--')) return { text: dotted(host.replaceAll('@', '[@]')), warnings: [] }
  const unicode = domainToUnicode(ascii)
  const shown = unicode === ascii ? dotted(ascii) : `${dotted(unicode)} (${dotted(ascii)})`
  return { text: shown, warnings: unicode.split('.').some(isMixed) ? ['mixed alphabets'] : [] }
}

const alphabets = ['Latin', 'Cyrillic', 'Greek', 'Armenian', 'Cherokee', 'Hebrew', 'Arabic', 'Devanagari', 'Thai']
const alphabetTests = alphabets.map((name) => new RegExp(`\\p{Script=${name}}`, 'u'))
const eastAsian = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|\p{Script=Bopomofo}/u

/** Latin beside East Asian scripts is ordinary; any other mixture in one label is a known disguise (UTS 39, 5.1). */
function isMixed(label: string): boolean {
  const found = alphabetTests.filter((test) => test.test(label)).length
  const latin = alphabetTests[0]?.test(label) ?? false
  return found > 1 || (found === 1 && !latin && eastAsian.test(label))
}
