// Mails dropped as files into a personal chat, what becomes of each, and what is said where Teams hands files to nobody.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { activityOf, dropFiles, send } from '../../../src/playground/teams/person.js'
import { MAIL } from '../../../src/playground/tenant.js'
import { fileUnreadable } from '../../../src/teams/look-words.js'
import * as words from '../../../src/teams/words.js'
import { outlookItem } from '../../corpus/make-msg.js'
import { type FileHost, startFileHost } from '../file-host.js'
import { aSoc, remediations } from '../scenes.js'
import { channelId, dana, priya, teamId, tom } from '../soc.js'
import { casesIn } from './polled.js'

const headersOf = (networkMessageId: string, subject: string) =>
  [
    'From: somebody@sender.example',
    `Subject: ${subject}`,
    `Message-ID: <${networkMessageId}@sender.example>`,
    `X-MS-Exchange-Organization-Network-Message-Id: ${networkMessageId}`
  ].join('\r\n')

const forwarded = [
  headersOf(MAIL.payslip, 'FW: is this real?'),
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'see attached',
  '--b',
  'Content-Type: message/rfc822',
  '',
  headersOf(MAIL.mailboxFull, 'Your mailbox is full'),
  '',
  'hello',
  '--b--',
  ''
].join('\r\n')

const truncated = outlookItem({ properties: { '0037001f': 'x' } }).slice(0, 512)

describe('mails dropped into a personal chat', () => {
  const soc = aSoc()
  let host: FileHost
  before(async () => {
    host = await startFileHost({
      '/a': `${headersOf(MAIL.mailboxFull, 'Your mailbox is full')}\r\n\r\nMessage-ID: <in-the-body@evil.example>`,
      '/b': outlookItem({
        properties: {
          '007d001f': `${headersOf(MAIL.payslip, 'November payslip')}\r\n\r\n`,
          '0037001f': 'November payslip'
        }
      }),
      '/forwarded': forwarded,
      '/truncated': truncated,
      '/picture': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]),
      '/no-id': 'From: a@b.example\r\nSubject: hello **you**\r\n\r\nNothing here names a mail.'
    })
  })
  after(() => host.close())

  const drop = async (paths: [path: string, name: string][], id?: string) => {
    const files = paths.map(([path, name]) => ({ name, downloadUrl: host.url + path }))
    const answer = await dropFiles(soc().room, priya, files, id)
    await soc().settle()
    return answer
  }
  const heard = () => soc().heard('a:personal-')

  it('several at once, .eml and .msg: a case each', async () => {
    await drop([
      ['/a', 'one.eml'],
      ['/b', 'two.msg']
    ])
    assert.deepEqual(heard().sort(), [
      words.readingFiles(2, 2),
      words.reported(1001, false),
      words.reported(1002, false)
    ])
    assert.deepEqual(casesIn(soc()), ['PT-1001', 'PT-1002'])
    const cards = [soc().card('PT-1001').words, soc().card('PT-1002').words].sort()
    for (const card of cards) assert.match(card, /Needs a decision[^]*Reported by\nPriya Nair\n/)
    assert.match(cards.join('\n'), /November payslip: open before Friday/)
    assert.match(cards.join('\n'), /Your mailbox is full: confirm your password/)
  })

  it('a mail that is attached to another: both become cases, and one answer names both', async () => {
    await drop([['/forwarded', 'forwarded.eml']])
    assert.deepEqual(heard(), [words.readingFiles(1, 1), words.reportedAll({ numbers: [1001, 1002], limitedAt: null })])
    assert.match(soc().card('PT-1001').words, /November payslip/)
    assert.match(soc().card('PT-1002').words, /Your mailbox is full[^]*It was attached to another mail\./)
  })

  it('the same mail twice in one message: one case, one reporter', async () => {
    await drop([
      ['/a', 'one.eml'],
      ['/a', 'two.eml']
    ])
    assert.deepEqual(casesIn(soc()), ['PT-1001'])
    assert.match(soc().card().words, /Reported by\nPriya Nair\n/)
  })

  it('the same message delivered again by Teams: the same case', async () => {
    await drop([['/a', 'one.eml']], '1700')
    await drop([['/a', 'one.eml']], '1700')
    assert.deepEqual(casesIn(soc()), ['PT-1001'])
    assert.match(soc().card().words, /Reported by\nPriya Nair\n/)
  })

  const unread: [what: string, path: string, name: string, bytes: () => Uint8Array, why: string][] = [
    ['a damaged .msg', '/truncated', 'invoice.msg', () => truncated, 'it is damaged'],
    [
      'a picture that calls itself .eml',
      '/picture',
      'cat.eml',
      () => new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]),
      'it is no mail'
    ]
  ]
  for (const [what, path, name, bytes, why] of unread) {
    it(`${what}: a case that says why and asks for a verdict`, async () => {
      await drop([[path, name]])
      const told = `${words.reported(1001, false)}\n\n${fileUnreadable(why)}`
      assert.deepEqual(heard(), [words.readingFiles(1, 1), told])
      const sha256 = createHash('sha256').update(bytes()).digest('hex')
      const card = soc().card().words
      assert.match(card, /Needs a verdict/)
      assert.match(card, new RegExp(`File ${name}, ${String(bytes().length)} bytes, SHA-256 ${sha256}\\.`))
      assert.ok(card.includes(`It could not be read: ${why}.`))
      await soc().press(dana, 'Close case', { verdict: 'spam', reason: 'looked at it' })
      await soc().settle()
      assert.match(soc().card().words, /Closed: spam[^]*looked at it/)
      assert.deepEqual(remediations(soc()), [])
    })
  }

  it('a mail that names no message: a case that asks for a verdict and shows its subject as words only', async () => {
    await drop([['/no-id', 'hello.eml']])
    assert.match(soc().card().words, /Needs a verdict[^]*hello \*\*you\*\*[^]*Its headers name no message/)
  })

  const places: [string, object][] = [
    [
      'a file, as the HTML of the message shows it',
      { contentType: 'text/html', content: '<attachment id="1"></attachment>' }
    ],
    ['a file, as its reference', { contentType: 'reference', name: 'one.eml' }]
  ]
  for (const [what, attachment] of places) {
    it(`in the SOC channel, ${what}: the answer is to send it in personal chat`, async () => {
      for (const text of ['', 'look at this']) {
        const message = { type: 'message', text: `<at>Phish Triage</at> ${text}`, attachments: [attachment] }
        const mentioned = { id: '28:phish-triage', name: 'Phish Triage' }
        const entities = [{ type: 'mention', mentioned, text: '<at>Phish Triage</at>' }]
        await send(soc().room, activityOf(soc().room, tom, 'channel', { ...message, entities }))
      }
      assert.deepEqual(soc().heard(channelId), [words.filesOnlyInPersonalChat, words.filesOnlyInPersonalChat])
    })
  }

  it('in the SOC channel with a command: the command counts', async () => {
    const html = { contentType: 'text/html', content: '<p>help</p><attachment id="1"></attachment>' }
    const where = { conversationId: `${channelId};messageid=1`, conversationType: 'channel', teamId }
    await send(soc().room, activityOf(soc().room, tom, where, { type: 'message', text: 'help', attachments: [html] }))
    assert.deepEqual(soc().heard(channelId), [words.help])
  })
})
