// Whatever people type, in a personal chat and in the SOC channel: exactly one useful answer, never an error.
import assert from 'node:assert/strict'
import { activityOf, send } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import * as words from '../../src/teams/words.js'
import { aSoc, newWords } from './scenes.js'
import { type Soc, tom } from './soc.js'

const usage = (problem: string) => new RegExp(`^${problem.replace(/[.()]/g, '\\$&')}\n\nFor example: \`[a-z]+ .+\`$`)
const reported = /^Thank you[.,] [yY]our report has arrived/
const opened = /^\*\*PT-\d+\*\* is open/

interface Line {
  text: string
  /** The `text/html` attachment that Teams sends along. */
  html?: string
  answer: string | RegExp
}

const guid = MAIL.mailboxFull
const messageId = 'mailbox-full-8841@contos0-support.example'

const table: Line[] = [
  { text: 'hi', answer: words.greeting },
  { text: 'Hello!', answer: words.greeting },
  { text: 'hey there, what can you do?', answer: words.greeting },
  { text: 'help', answer: words.help },
  { text: 'HELP!!', answer: words.help },
  { text: '', answer: words.help },
  { text: '\u00a0 ', answer: words.help },
  { text: '???', answer: words.help },
  { text: 'Thanks!', answer: words.thanks },
  { text: 'thank you so much', answer: words.thanks },
  { text: '👍🏽', answer: words.unknown },
  { text: '...', answer: words.unknown },
  { text: 'qwertz uiop', answer: words.unknown },
  { text: 'do NOT approve PT-1001', answer: words.unknown },
  { text: 'x'.repeat(20_000), answer: words.unknown },
  { text: 'a '.repeat(20_000), answer: words.unknown },
  { text: '${json(1)} {{DATE(2026-11-22T02:31:00Z)}}', answer: words.unknown },
  { text: '\u202egnp.exe', answer: words.unknown },
  { text: 'queue', answer: words.emptyQueue },
  { text: 'Queue please', answer: words.emptyQueue },
  { text: 'whoami', answer: /^Your object id: `70300000-/ },
  { text: 'case PT-4711', answer: words.unknownCase },
  { text: 'report', answer: usage('report needs a message.') },
  { text: 'report this mail, please', answer: usage('I found no message id after report.') },
  { text: 'triage', answer: usage('triage needs a networkMessageId or a Message-ID.') },
  { text: 'triage 73ca4154', answer: usage('triage needs a networkMessageId or a Message-ID.') },
  {
    text: `triage ${guid} everybody`,
    answer: usage('After the message, triage takes only recipients (e-mail addresses), or all.')
  },
  { text: 'case', answer: usage('case needs a case number.') },
  { text: 'case 1042', answer: usage('case needs a case number.') },
  { text: 'approve', answer: usage('approve needs a case number first.') },
  { text: 'approve PT-1001', answer: usage('After the case, approve needs the plan version that the card shows.') },
  { text: 'approve PT-1001 v1 delete', answer: /^The action must be one of: moveToJunk, .+\n\nFor example: `approve / },
  { text: 'approve PT-1001 v1 softDelete', answer: usage('The severity must be one of: low, medium, high.') },
  {
    text: 'approve PT-1001 v1 softDelete low',
    answer: usage('approve needs a reason at the end: it is kept in the audit log.')
  },
  {
    text: 'reject PT-1001 because',
    answer: usage('After the case, reject needs the plan version that the card shows.')
  },
  { text: 'reject PT-1001 v1', answer: usage('reject needs a reason at the end: it is kept in the audit log.') },
  { text: 'report Subject: no ids in here', answer: usage('I found no message id after report.') },

  { text: `TRIAGE ${guid.toUpperCase()}`, answer: opened },
  { text: `remediate {${guid}}`, answer: opened },
  { text: `triage\u00a0${guid}\u00a0`, answer: opened },
  { text: `triage &lt;${messageId}&gt;`, answer: opened },
  { text: `triage <${messageId}>`, answer: opened },
  { text: `triage ${messageId}`, answer: opened },
  { text: 'triage', html: `<p>triage&nbsp;&lt;${messageId}&gt;</p>`, answer: opened },
  {
    text: 'triage  ana.silva@contoso.example',
    html: `<p>triage &lt;${messageId}&gt; ana.silva@contoso.example</p>`,
    answer: opened
  },
  { text: 'triage', html: `<p>triage <span style="font-size:10pt">&lt;${messageId}&gt;</span></p>`, answer: opened },
  { text: 'report Message-ID: ', html: `<div>report Message-ID: &lt;${messageId}&gt;</div>`, answer: reported },
  {
    text: 'report Received: from a by b Message-ID: ',
    html: `<p>report Received: from a<br>&nbsp;by b</p>\n<p>Subject: x</p>\n\n<p>Message-ID: &lt;${messageId}&gt;</p>`,
    answer: reported
  }
]

const takes = ({ answer }: Line) => answer === opened || answer === reported
const titleOf = ({ text, html }: Line) =>
  (text.length > 60 ? `${text.slice(0, 20)}… (${String(text.length)})` : text) +
  (html === undefined ? '' : ` and ${html}`)

for (const where of ['personal', 'channel'] as const) {
  const place = where === 'personal' ? 'in a personal chat' : 'in the SOC channel'

  describe(`small talk ${place} gets one useful answer`, () => {
    const soc = aSoc(() => ({}), 'describe')

    for (const line of table.filter((each) => !takes(each))) {
      it(JSON.stringify(titleOf(line)), async () => {
        const before = soc().messages().length
        assert.equal((await sayWithHtml(soc(), line, where)).status, 200)
        await soc().settle()
        const [said = '', ...others] = newWords(soc(), before)
        assert.deepEqual(others, [])
        if (typeof line.answer === 'string') assert.equal(said, line.answer)
        else assert.match(said, line.answer)
      })
    }
  })

  describe(`a message that Teams mangled ${place} is found`, () => {
    const soc = aSoc()

    for (const line of table.filter(takes)) {
      it(JSON.stringify(titleOf(line)), async () => {
        await sayWithHtml(soc(), line, where)
        assert.match(soc().messages()[0]?.words ?? '', line.answer as RegExp)
        await soc().settle()
        assert.match(soc().card().words, /Your mailbox is full/)
      })
    }
  })
}

function sayWithHtml(soc: Soc, { text, html }: Line, where: 'personal' | 'channel') {
  const mention = '<at>Phish Triage</at>'
  const inHtml = '<span itemtype="http://schema.skype.com/Mention" itemscope itemid="0">Phish Triage</span>&nbsp;'
  const bot = { id: '28:phish-triage', name: 'Phish Triage' }
  const inChannel = where === 'channel'
  const content = inChannel ? html?.replace(/^<(p|div)>/, `$&${inHtml}`) : html
  return send(
    soc.room,
    activityOf(soc.room, tom, where, {
      type: 'message',
      text: inChannel ? `${mention} ${text}` : text,
      ...(inChannel && { entities: [{ type: 'mention', mentioned: bot, text: mention }] }),
      ...(content !== undefined && { attachments: [{ contentType: 'text/html', content }] })
    })
  )
}
