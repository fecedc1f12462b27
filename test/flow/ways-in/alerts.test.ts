// Reports that Defender raises as alerts. Judged by the cards in Teams and by what Graph was sent.
import assert from 'node:assert/strict'
import { inputsOf } from '../../../src/playground/teams/person.js'
import { MAIL, type TenantMessage } from '../../../src/playground/tenant.js'
import { clusterEvidence, reportedAlert, type TenantAlert } from '../../../src/playground/tenant-reports.js'
import { remediations } from '../scenes.js'
import { dana } from '../soc.js'
import { type PolledSoc, casesIn, openPolledSoc } from './polled.js'

describe('a Defender alert on a reported mail', () => {
  let soc: PolledSoc
  beforeEach(async () => {
    soc = await openPolledSoc({ alerts: true })
  })
  afterEach(() => soc.close())

  const mail = (networkMessageId: string): TenantMessage => {
    const found = soc.seed.messages.find((each) => each.networkMessageId === networkMessageId)
    assert.ok(found)
    return found
  }
  const alert = (title = 'Email reported by user as malware or phish'): TenantAlert =>
    reportedAlert(mail(MAIL.alerted), {
      id: 'fa-1',
      title,
      at: soc.time.now(),
      submitter: 'priya.nair@contoso.example'
    })

  it('becomes a card that names the reporter, and is found again at every poll without a word more', async () => {
    soc.graph.addAlert(alert())
    await soc.pass()
    assert.match(soc.card().words, /Needs a decision[^]*voicemail[^]*Reported by\npriya\.nair@contoso\.example\n/)
    const said = soc.messages().length
    await soc.pass(3)
    assert.deepEqual([casesIn(soc), soc.messages().length], [['PT-1001'], said])
    assert.deepEqual(remediations(soc), [])
  })

  it('that says not junk proposes to move the mail back', async () => {
    soc.graph.addAlert(alert('Email reported by user as not junk'))
    await soc.pass()
    assert.equal(inputsOf(soc.card().card).action, 'moveToInbox')
    assert.match(soc.card().words, /Reported as\nnot junk/)
  })

  it('with another title is no report', async () => {
    soc.graph.addAlert(alert('Administrative action submitted by an Administrator'))
    soc.graph.addAlert({ ...alert('Phish delivered due to an ETR override'), id: 'fa-2' })
    await soc.pass(2)
    assert.deepEqual(casesIn(soc), [])
  })

  it('is no report again when the bot’s own remediation changes it and raises another', async () => {
    soc.graph.addAlert(alert())
    await soc.pass()
    await soc.press(dana, 'Approve', { reason: 'phish' })
    await soc.settle()
    assert.equal(remediations(soc).length, 1)
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
    assert.match(soc.card().words, /Submitted|Removed from 2 of 2 mailboxes/)
    assert.equal(remediations(soc).length, 1)
  })

  const withSimilar = (...ids: string[]) => {
    const changed = { ...alert(), lastUpdatedAt: soc.time.now() }
    soc.graph.addAlert({ ...changed, evidence: [...changed.evidence, clusterEvidence([MAIL.alerted, ...ids])] })
  }

  it('that names similar messages has them offered on its card, and opens no case for them', async () => {
    soc.graph.addAlert(alert())
    await soc.pass()
    withSimilar(MAIL.alertedTwin, MAIL.allStaff)
    await soc.pass(2)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
    assert.match(soc.card().words, /2 similar messages, at least \d+ more mailbox/)
    assert.match(soc.card().words, new RegExp(`${MAIL.allStaff}, named by a Defender alert`))
    await soc.press(dana, 'Include them')
    await soc.settle()
    assert.match(soc.card().words, /PT-1001 · v2[^]*3 messages: \d+, \d+, \d+ mailboxes/)
    await soc.press(dana, 'Approve', { reason: 'phish' })
    await soc.settle()
    withSimilar(MAIL.alertedTwin, MAIL.allStaff)
    await soc.pass(2)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
  })

  it('that names one more message after its case has ended opens one for that', async () => {
    soc.graph.addAlert(alert())
    await soc.pass()
    await soc.press(dana, 'Not phish', { reason: 'a mistake' })
    await soc.settle()
    withSimilar(MAIL.alertedTwin)
    await soc.pass(2)
    assert.deepEqual(casesIn(soc), ['PT-1001', 'PT-1002'])
    assert.match(
      soc.card('PT-1002').words,
      /RE: You have a new voicemail[^]*Defender counts this mail among those similar/
    )
    assert.match(soc.card('PT-1001').words, /Reported by\npriya\.nair@contoso\.example\n/)
  })

  it('does not open its case again once that is closed, whatever becomes of the alert', async () => {
    soc.graph.addAlert(alert())
    await soc.pass()
    await soc.press(dana, 'Not phish', { reason: 'a newsletter' })
    await soc.settle()
    soc.graph.addAlert({ ...alert(), lastUpdatedAt: soc.time.now() })
    await soc.pass(2)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
    assert.match(soc.card().words, /Closed: not phish/)
  })

  it('was not lost while the bot was away', async () => {
    soc.graph.addAlert(alert())
    await soc.restart()
    await soc.pass()
    assert.deepEqual(casesIn(soc), ['PT-1001'])
  })
})
