// Mail that people submitted in Defender, and the phishing simulations among it.
import assert from 'node:assert/strict'
import { buttonsOf } from '../../../src/playground/teams/person.js'
import { MAIL } from '../../../src/playground/tenant.js'
import type { TenantSubmission } from '../../../src/playground/tenant-reports.js'
import * as words from '../../../src/teams/words.js'
import { openCase, remediations } from '../scenes.js'
import { priya } from '../soc.js'
import { type PolledSoc, casesIn, openPolledSoc } from './polled.js'

describe('a user submission', () => {
  let soc: PolledSoc
  beforeEach(async () => {
    soc = await openPolledSoc({ submissions: true })
  })
  afterEach(() => soc.close())

  const submit = (which: 'phish' | 'simulation') => {
    const submission = soc.seed.submissions.find(({ simulation }) => simulation === (which === 'simulation'))
    assert.ok(submission)
    const submitted: TenantSubmission = { ...submission, createdAt: soc.time.now() }
    soc.graph.addSubmission(submitted)
  }
  const simulated = /Closed: phishing simulation[^]*Whoever reported it did the right thing/
  const offers = (name: string) =>
    buttonsOf(soc.card(name).card).filter(({ title }) => ['Approve', 'Not phish', 'Close case'].includes(title))

  it('becomes a case, found by its Message-ID', async () => {
    submit('phish')
    await soc.pass()
    assert.match(
      soc.card().words,
      /Needs a decision[^]*A contract waits for your signature[^]*Reported by\nPriya Nair\n/
    )
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
  })

  it('of a simulation is a case that is closed as that and offers nothing', async () => {
    submit('simulation')
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
    assert.match(soc.card().words, simulated)
    assert.deepEqual(offers('PT-1001'), [])
    assert.deepEqual(remediations(soc), [])
  })

  it('of a simulation closes the case that is open for the same mail', async () => {
    const card = await openCase(soc, MAIL.simulation)
    assert.match(card.words, /Needs a decision/)
    submit('simulation')
    await soc.pass()
    assert.match(soc.card('PT-1001').words, simulated)
    assert.deepEqual(offers('PT-1001'), [])
    assert.match(soc.card('PT-1002').words, /Joined PT-1001/)
  })

  it('of a simulation thanks the colleague who reported the mail in chat', async () => {
    await soc.say(priya, `report ${MAIL.simulation}`, 'personal')
    await soc.settle()
    submit('simulation')
    await soc.pass()
    assert.equal(soc.heard(`a:personal-${priya.objectId}`).at(-1), words.simulationThanks(1001))
  })

  it('of a simulation is closed as that where no Message-ID can be looked up', async () => {
    soc.graph.grant(['SecurityAnalyzedMessage.ReadWrite.All', 'ThreatSubmission.Read.All', 'User.Read.All'])
    submit('simulation')
    await soc.pass()
    assert.match(soc.card().words, simulated)
  })

  it('of a simulation waits while Defender cannot be asked, and is then closed', async () => {
    soc.graph.faults.add({ match: 'hunting', answer: { status: 503 } })
    submit('simulation')
    await soc.pass()
    assert.match(soc.card().words, /Cannot be looked up[^]*Reported as\na simulation/)
    await soc.pass()
    assert.match(soc.card().words, simulated)
  })
})
