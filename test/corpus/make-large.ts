// Mails that are too large or too odd to keep as files: made in memory, each the same every time. Nothing here is read by
// the product.
const headers = 'From: help@phish.example\r\nSubject: large\r\nMessage-ID: <large-1@phish.example>\r\n'
const megabyte = 2 ** 20

function mail(...texts: string[]): Uint8Array {
  return new TextEncoder().encode(texts.join(''))
}

function deepMultipart(depth: number): string {
  const open = Array.from({ length: depth }, (_, level) => {
    return `Content-Type: multipart/mixed; boundary="b${String(level)}"\r\n\r\n--b${String(level)}\r\n`
  })
  return `${open.join('')}\r\nhttps://phish.example/deep`
}

function deepMails(depth: number): string {
  return `${'Content-Type: message/rfc822\r\n\r\nFrom: a@phish.example\r\n'.repeat(depth)}\r\nbody`
}

/** A mail of the given size whose bulk is one base64 attachment. In bytes. */
export function mailOfSize(bytes: number): Uint8Array {
  const start = mail(
    headers,
    'Content-Type: application/octet-stream; name=bulk.bin\r\nContent-Transfer-Encoding: base64\r\n\r\n'
  )
  const line = mail(`${'QUJD'.repeat(19)}\r\n`)
  const whole = new Uint8Array(bytes)
  whole.set(start)
  for (let at = start.length; at < bytes; at += line.length) whole.set(line.subarray(0, bytes - at), at)
  return whole
}

export const largeMails: Record<string, () => Uint8Array> = {
  'bomb/thousand-deep-multipart': () => mail(headers, deepMultipart(1_000)),
  'bomb/hundred-deep-multipart': () => mail(headers, deepMultipart(100)),
  'bomb/sixty-deep-multipart': () => mail(headers, deepMultipart(60)),
  'bomb/thousand-deep-mails': () => mail(headers, deepMails(1_000)),
  'bomb/200000-parts': () =>
    mail(headers, 'Content-Type: multipart/mixed; boundary=b\r\n\r\n', '--b\r\n\r\nx\r\n'.repeat(200_000), '--b--'),
  'bomb/990-parts': () =>
    mail(headers, 'Content-Type: multipart/mixed; boundary=b\r\n\r\n', '--b\r\n\r\nx\r\n'.repeat(990), '--b--'),
  'bomb/5-megabyte-header': () => mail(headers, `Subject: ${'x'.repeat(5 * megabyte)}`, '\r\n\r\nbody'),
  'bomb/5-megabyte-header-first': () => mail(`Subject: ${'x'.repeat(5 * megabyte)}\r\n`, headers, '\r\nbody'),
  'bomb/100000-folded-lines': () => mail(headers, `X-Fold: a${'\r\n a'.repeat(100_000)}`, '\r\n\r\nbody'),
  'bomb/100000-headers': () => mail(headers, 'a: b\r\n'.repeat(100_000), '\r\nbody'),
  'bomb/ids-after-1000-headers': () => mail('a: b\r\n'.repeat(1_200), headers, '\r\nbody'),
  'bomb/9-megabytes-of-line-ends': () => mail(headers, '\r\n', '\n'.repeat(9 * megabyte)),
  'bomb/9-megabytes-in-one-line': () => mail(headers, '\r\n', 'x'.repeat(9 * megabyte)),
  'bomb/9-megabytes-quoted-printable': () =>
    mail(headers, 'Content-Transfer-Encoding: quoted-printable\r\n\r\n', '=3D='.repeat((9 * megabyte) / 4)),
  'bomb/9-megabytes-of-tags': () =>
    mail(headers, 'Content-Type: text/html\r\n\r\n', '<a href=https://x.example><'.repeat(300_000)),
  'bomb/9-megabytes-of-entities': () =>
    mail(headers, 'Content-Type: text/html\r\n\r\n', '&lt;&#104;&notit;&'.repeat(500_000)),
  'bomb/200-kilobytes-of-from': () =>
    mail(`From: ${'a@b.example, <'.repeat(14_000)}\r\n`, 'Message-ID: <m@x.example>\r\n\r\n'),
  'bomb/encoded-words': () =>
    mail('From: a@b.example\r\nSubject: ', '=?utf-8?B?QQ==?= '.repeat(14_000), '\r\n\r\nbody'),
  'bomb/11-megabytes': () => mailOfSize(11 * megabyte),
  'bomb/26-megabytes': () => mailOfSize(26 * megabyte)
}
