// How a mail sent as a file in a personal chat is fetched: without a token, from allowed hosts only, and never a file that is no mail.
import assert from 'node:assert/strict'
import { type Answer, activityOf, send } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import * as words from '../../src/teams/words.js'
import { type FileHost, startFileHost } from './file-host.js'
import { aSoc } from './scenes.js'
import { type Soc, guest, priya } from './soc.js'

const headers = [
  'From: helpdesk@contos0-support.example',
  'Subject: Your mailbox is full: confirm your password to keep receiving mail',
  'Message-ID: <mailbox-full-8841@contos0-support.example>',
  `X-MS-Exchange-Organization-Network-Message-Id: ${MAIL.mailboxFull}`
].join('\r\n')

const downloadInfo = 'application/vnd.microsoft.teams.file.download.info'

async function sendFiles(soc: Soc, attachments: { name: unknown; content: unknown }[], who = priya): Promise<Answer> {
  const files = attachments.map((file) => ({
    contentType: downloadInfo,
    contentUrl: 'https://evil.example/x',
    ...file
  }))
  const html = { contentType: 'text/html', content: '<p>please look at this</p>' }
  const rest = { type: 'message', text: 'please look at this', attachments: [html, ...files] }
  const answer = await send(soc.room, activityOf(soc.room, who, 'personal', rest))
  await soc.settle()
  return answer
}

const problem = (reason: string) => words.fileProblem(reason)

describe('a mail sent as a file', () => {
  const soc = aSoc()
  let host: FileHost
  beforeEach(async () => {
    host = await startFileHost({
      '/mail.eml': `${headers}\r\n\r\nMessage-ID: <in-the-body@evil.example>\r\n`,
      '/large.eml': `${headers}\r\n\r\n${'body '.repeat(200_000)}`,
      '/huge.eml': new Uint8Array(25 * 1024 * 1024 + 1),
      '/redirect.eml': 'https://evil.example/mail.eml'
    })
  })
  afterEach(() => host.close())
  const file = (path: string, name = 'suspicious mail.EML') => ({
    name,
    content: { downloadUrl: `${host.url}${path}`, fileType: 'eml' }
  })
  const heard = () => soc().heard('a:')

  it('is acknowledged, fetched without a token, and becomes a case', async () => {
    await sendFiles(soc(), [file('/mail.eml')])
    const [first, second, ...others] = heard()
    assert.equal(first, words.readingFiles(1, 1))
    assert.match(second ?? '', /^Thank you\. Your report has arrived as \*\*PT-1001\*\*\./)
    assert.deepEqual(others, [])
    assert.match(soc().card().words, /Needs a decision[^]*Your mailbox is full[^]*Reported by\nPriya Nair/)
    assert.doesNotMatch(soc().card().words, /disagree/)
    assert.equal(host.requests.length, 1)
    assert.equal(host.requests[0]?.headers.authorization, undefined)
    assert.equal(host.requests[0]?.headers.cookie, undefined)
  })

  const unreadable: [string, () => { name: unknown; content: unknown }, string][] = [
    ['of more than 25 MiB', () => file('/huge.eml'), problem('too large')],
    ['that is not there', () => file('/gone.eml'), problem('not available')],
    [
      'on another host',
      () => ({ name: 'a.eml', content: { downloadUrl: 'https://evil.example/a.eml' } }),
      problem('host not allowed')
    ],
    [
      'on a host that looks like an allowed one',
      () => ({
        name: 'a.eml',
        content: { downloadUrl: `${host.url.replace('http://', 'https://contoso.sharepoint.com@')}/a` }
      }),
      problem('host not allowed')
    ],
    [
      'in the cloud host’s metadata',
      () => ({ name: 'a.eml', content: { downloadUrl: 'http://169.254.169.254/latest' } }),
      problem('host not allowed')
    ],
    ['that redirects elsewhere', () => file('/redirect.eml'), problem('redirected elsewhere')],
    ['without an address', () => ({ name: 'a.eml', content: null }), problem('host not allowed')],
    [
      'with an address of another type',
      () => ({ name: 'a.eml', content: { downloadUrl: { href: host.url } } }),
      problem('host not allowed')
    ]
  ]
  for (const [what, attachment, answer] of unreadable) {
    it(`${what}: said in words, and no case`, async () => {
      await sendFiles(soc(), [attachment()])
      assert.deepEqual(heard(), [words.readingFiles(1, 1), answer])
      assert.throws(() => soc().card())
    })
  }

  for (const name of ['invoice.pdf', 'mail.msgx', 'mail.eml.exe', '', undefined, 7, { toLowerCase: 'x' }]) {
    it(`named ${JSON.stringify(name)} is not fetched; the answer says how to report`, async () => {
      const answer = await sendFiles(soc(), [{ name, content: file('/mail.eml').content }])
      assert.equal(answer.status, 200)
      assert.deepEqual(heard(), [words.howToReport])
      assert.deepEqual(host.requests, [])
    })
  }

  it('twice in one message is one case with one reporter', async () => {
    await sendFiles(soc(), [file('/mail.eml'), file('/large.eml')])
    assert.equal(heard().filter((said) => said.includes('PT-1001')).length, 2)
    assert.match(soc().card().words, /Reported by\nPriya Nair\n/)
  })

  it('from a guest is refused and not fetched', async () => {
    await sendFiles(soc(), [file('/mail.eml')], guest)
    assert.deepEqual(heard(), ['Guests may not report, open or decide cases.'])
    assert.deepEqual(host.requests, [])
  })
})
