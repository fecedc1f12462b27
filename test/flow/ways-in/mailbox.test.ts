// Mail that arrives in the reporting mailbox, in the documented format and in others, and what approvers see of the polls.
import assert from 'node:assert/strict'
import { pino } from 'pino'
import { inputsOf } from '../../../src/playground/teams/person.js'
import { MAIL } from '../../../src/playground/tenant.js'
import { attachedMessage, rawMail, reportedMail, type ReportedMail } from '../../../src/playground/tenant-reports.js'
import { dana, priya } from '../soc.js'
import { type PolledSoc, casesIn, mailboxAddress, openPolledSoc } from './polled.js'

describe('the reporting mailbox', () => {
  let soc: PolledSoc
  let logged: string[]
  beforeEach(async () => {
    logged = []
    const log = pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) })
    soc = await openPolledSoc({ mailbox: mailboxAddress }, { log })
  })
  afterEach(() => soc.close())

  const raw = (networkMessageId: string, tenantId = soc.seed.tenantId) => {
    const message = soc.seed.messages.find((each) => each.networkMessageId === networkMessageId)
    assert.ok(message)
    return rawMail(message, tenantId)
  }
  const send = (mail: string, changes: Partial<ReportedMail> = {}) => {
    const from = { address: 'Tom.Berg@contoso.example', name: 'Tom Berg' }
    const known = { from, subject: '3|Phishing: Customs fee', receivedAt: soc.time.now() }
    soc.graph.addReportedMail(reportedMail(mail, { ...known, ...changes }))
  }
  const leftOut = () => logged.flatMap((line) => (JSON.parse(line) as { reason?: string }).reason ?? [])
  const whoami = async (who = dana) => {
    await soc.say(who, 'whoami', 'personal')
    return soc.heard(`a:personal-${who.objectId}`).at(-1) ?? ''
  }

  it('opens a case for the mail that is attached, and names who sent it', async () => {
    send(raw(MAIL.mailed))
    await soc.pass()
    assert.match(soc.card().words, /Needs a decision[^]*Customs fee for your parcel[^]*Reported by\nTom Berg\n/)
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
  })

  it('takes “not junk” for a wish to have the mail back in the inbox', async () => {
    send(raw(MAIL.notJunk), { subject: 'Not junk: Delivery dates for December' })
    await soc.pass()
    assert.equal(inputsOf(soc.card().card).action, 'moveToInbox')
    assert.match(soc.card().words, /Reported as\nnot junk/)
  })

  it('leaves out what is not in the format, says why in the log once, and nothing of what it says', async () => {
    send(raw(MAIL.mailed, '99999999-0000-4000-8000-000000000000'), { subject: '3|secret one' })
    const both = [attachedMessage(raw(MAIL.mailed)), attachedMessage(raw(MAIL.notJunk))]
    send('', { subject: '3|secret two', attachments: both })
    send('', { subject: 'secret three', attachments: [] })
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), [])
    assert.deepEqual(leftOut().sort(), [
      'More than one mail is attached.',
      'No mail is attached.',
      'The attached mail was not delivered to this tenant.'
    ])
    assert.doesNotMatch(logged.join('\n'), /secret|Customs|Tom Berg|Tom\.Berg/)
  })

  it('takes ten unresolved reports an hour of one address, in any spelling, and says in the log what it left out', async () => {
    const mail = soc.seed.messages.find(({ networkMessageId }) => networkMessageId === MAIL.mailed)
    assert.ok(mail)
    const unknown = (index: number) => {
      const networkMessageId = `22222222-0000-4000-8000-${String(index).padStart(12, '0')}`
      return rawMail(
        { ...mail, networkMessageId, internetMessageId: `<${networkMessageId}@x.example>` },
        soc.seed.tenantId
      )
    }
    for (let index = 0; index < 12; index += 1) {
      const address = index % 2 === 0 ? 'Tom.Berg@contoso.example' : 'tom.berg@CONTOSO.example'
      send(unknown(index), { from: { address, name: `Tom ${String(index)}` } })
    }
    send(unknown(12), { from: { address: 'priya.nair@contoso.example', name: 'Priya Nair' } })
    await soc.pass(2)
    assert.equal(casesIn(soc).length, 11)
    assert.deepEqual(
      leftOut(),
      Array.from({ length: 2 }, () => 'Its reporter has too many unresolved reports.')
    )
    assert.doesNotMatch(logged.join('\n'), /Customs|Tom|tom\.berg/)
  })

  it('is read anew when Graph has forgotten its state: nothing is lost, nothing comes twice', async () => {
    send(raw(MAIL.mailed))
    await soc.pass()
    soc.graph.forgetMailState()
    send(raw(MAIL.notJunk), { subject: '2|Delivery dates' })
    await soc.pass(2)
    assert.deepEqual(casesIn(soc), ['PT-1001', 'PT-1002'])
    assert.match(soc.card('PT-1001').words, /Reported by\nTom Berg\n/)
  })

  it('that cannot be read is seen in whoami, by approvers only, until it is read again and after', async () => {
    soc.graph.grant(['SecurityAnalyzedMessage.ReadWrite.All', 'User.Read.All', 'GroupMember.Read.All'])
    await soc.pass()
    const warned = () => logged.filter((line) => line.includes('a report source cannot be read')).length
    assert.equal(warned(), 1)
    const failing = await whoami()
    assert.match(failing, /^\*\*Needs attention:\*\* Reporting mailbox: last read 09:00 UTC\. Last error 09:01 UTC: /m)
    assert.match(failing, /it takes the permission Mail\.Read\.$/m)
    assert.doesNotMatch(await whoami(priya), /mailbox/i)
    soc.graph.grant(['SecurityAnalyzedMessage.ReadWrite.All', 'User.Read.All', 'GroupMember.Read.All', 'Mail.Read'])
    send(raw(MAIL.mailed))
    await soc.pass(5)
    assert.equal(warned(), 1)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
    assert.match(await whoami(), /^Reporting mailbox: last read 09:06 UTC\. Last error 09:01 UTC: /m)
  })
})
