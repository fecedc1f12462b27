// Hostile subjects, senders, reasons, notes and names through the whole bot: nothing of them leaves as markup, mention or link.
import assert from 'node:assert/strict'
import { type TenantMessage, MAIL, PEOPLE, seedTenant } from '../../src/playground/tenant.js'
import { aSoc, openCase, remediations } from '../flow/scenes.js'
import { type Soc, dana, priya, tom } from '../flow/soc.js'

/** Each hostile text carries this word, so that it is found wherever it went. */
const mark = 'Zyzzyva'

const texts: Record<string, string> = {
  markdown: `**${mark}** [click](https://evil.example/${mark}) # h \`c\` ![x](https://evil.example/a.png)`,
  mention: `<at>${mark}</at> <at id="0">Dana Weber</at>`,
  templating: `\${${mark}} \${json('{"type":"Action.OpenUrl"}')} $\{title} {{DATE(2026-11-22T02:31:00Z,SHORT)}} ${mark}`,
  bidi: `${mark}\u202egnp.exe\u202c\u2066x\u2069 pass\u200bword\u{e0041}`,
  'a long text': `${mark} ${'a'.repeat(10_000)}`,
  'stacked marks': `${mark} Z${'\u0301'.repeat(2000)}`,
  json: `"},{"type":"Action.OpenUrl","url":"https://evil.example/${mark}"},{"x":"`,
  html: `<script>${mark}</script><img src=x onerror=alert(1)><a href="javascript:1">${mark}</a>`,
  'bare links': `https://evil.example/${mark} www.evil.example mailto:${mark}@evil.example`,
  'line ends': `${mark}\r\n\r\n# heading\u2028\u2029\u0000\u0007`
}

/** Where a card may hold words from outside: the text of a TextRun. Every other string is returned. */
function stringsOutsideRuns(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsOutsideRuns)
  if (typeof value !== 'object' || value === null) return []
  if ((value as { type?: unknown }).type === 'TextRun') {
    const { text, ...rest } = value as { text?: unknown }
    assert.equal(typeof text, 'string')
    return Object.values(rest).flatMap(stringsOutsideRuns)
  }
  return Object.entries(value).flatMap(([key, each]) => [key, ...stringsOutsideRuns(each)])
}

function runs(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(runs)
  if (typeof value !== 'object' || value === null) return []
  const { type, text } = value as { type?: unknown; text?: unknown }
  return [...(type === 'TextRun' ? [String(text)] : []), ...Object.values(value).flatMap(runs)]
}

function assertHarmless(soc: Soc): void {
  assert.ok(soc.teams.entries.length > 0)
  for (const { activity } of soc.teams.entries) {
    assert.equal(activity.entities, undefined)
    assert.ok(Buffer.byteLength(JSON.stringify(activity)) < 24 * 1024)
    for (const { content, contentType } of activity.attachments ?? []) {
      assert.equal(contentType, 'application/vnd.microsoft.card.adaptive')
      assert.ok(Buffer.byteLength(JSON.stringify(content)) < 20 * 1024)
      for (const text of stringsOutsideRuns(content)) assert.ok(!text.includes(mark), `outside a TextRun: ${text}`)
      for (const text of runs(content)) {
        assert.doesNotMatch(text, /\$\{|\{\{|<\/?at|[\u202a-\u202e\u2066-\u2069\u200b\p{Cc}]|https?:/iu)
      }
      for (const url of stringsOutsideRuns(content).filter((text) => /^[a-z]+:/i.test(text) && text.includes('//'))) {
        assert.match(url, /^https:\/\/security\.microsoft\.com\/|^http:\/\/adaptivecards\.io\/schemas\//)
      }
    }
    const words = `${activity.summary ?? ''}\n${activity.text ?? ''}`
    assert.doesNotMatch(words, /https?:|www\.|\]\(|\*\*Z|<at|\$\{|\{\{|[\u202a-\u202e\u2066-\u2069]|<script/i)
    assert.doesNotMatch(activity.summary ?? '', new RegExp(mark))
  }
}

function hostileMail(text: string): TenantMessage {
  const mail = seedTenant(0).messages.find(({ networkMessageId }) => networkMessageId === MAIL.hostile)
  assert.ok(mail)
  return {
    ...mail,
    subject: text,
    sender: { ...mail.sender, displayName: text },
    urls: [{ url: `https://evil.example/${text}`, threatType: 'phish', detectionMethod: text }],
    attachments: [{ fileName: `${text}.pdf`, fileType: text, fileSize: 1, sha256: '', threatType: 'malware' }],
    detectionMethods: [text]
  }
}

describe('hostile text', () => {
  for (const [what, text] of Object.entries(texts)) {
    describe(what, () => {
      const soc = aSoc(() => ({
        tenant: (tenant) => {
          const received = tenant.messages[0]?.receivedAt ?? 0
          tenant.messages = tenant.messages.map((each) =>
            each.networkMessageId === MAIL.hostile ? { ...hostileMail(text), receivedAt: received } : each
          )
          for (const user of tenant.users)
            if (user.id === PEOPLE.priya || user.id === PEOPLE.ana) user.displayName = text
        }
      }))

      it('in a mail, a note, a name, a claim and a reason stays plain text in every state', async () => {
        const headers = `Subject: ${text.replace(/[\r\n]+/g, ' ')}\nFrom: "${mark}" <${mark}@evil.example>\nX-MS-Exchange-Organization-Network-Message-Id: ${MAIL.hostile}`
        await soc().say({ ...priya, name: text }, `report ${headers}`, 'personal')
        await soc().say(priya, `report ${MAIL.hostile} ${text}`, 'personal')
        await soc().settle()
        assert.ok(runs(soc().card().card).some((each) => each.includes(mark)))
        for (const command of ['queue', 'case PT-1001', 'whoami']) await soc().say(tom, command, 'personal')
        await soc().press({ objectId: PEOPLE.ana, name: text }, 'Approve', { reason: text.slice(0, 400) })
        await soc().press(dana, 'Approve', { reason: 'too late' }, 'submit')
        await soc().settle()
        assert.match(soc().card().words, /Submitted/)
        assert.equal(remediations(soc()).length, 1)
        assertHarmless(soc())
      })

      it('in chat and in a rejection is answered without repeating it', async () => {
        await openCase(soc(), MAIL.hostile)
        for (const line of [
          text,
          `report ${text}`,
          `triage ${text}`,
          `case ${text}`,
          `approve ${text}`,
          `reject PT-1001 v1 ${text.slice(0, 400)}`
        ]) {
          assert.equal((await soc().say({ objectId: PEOPLE.ana, name: text }, line)).status, 200)
        }
        await soc().settle()
        assert.match(soc().card().words, /Closed: not phish/)
        assertHarmless(soc())
      })
    })
  }
})
