// Mail that people submitted in Defender, and the phishing simulations among it.
import assert from 'node:assert/strict'
import type { Fault } from '../../../src/playground/graph-simulator/index.js'
import { buttonsOf } from '../../../src/playground/teams/person.js'
import { MAIL } from '../../../src/playground/tenant.js'
import type { TenantSubmission } from '../../../src/playground/tenant-reports.js'
import { openCase, remediations } from '../scenes.js'
import { dana, priya } from '../soc.js'
import { type PolledSoc, casesIn, openPolledSoc } from './polled.js'

describe('a user submission', () => {
  let soc: PolledSoc
  beforeEach(async () => {
    soc = await openPolledSoc({ submissions: true })
  })
  afterEach(() => soc.close())

  const submit = (which: 'phish' | 'simulation', changes: Partial<TenantSubmission> = {}) => {
    const submission = soc.seed.submissions.find(({ simulation }) => simulation === (which === 'simulation'))
    assert.ok(submission)
    soc.graph.addSubmission({ ...submission, createdAt: soc.time.now(), ...changes })
  }
  const listed = /Note\nDefender lists this report as one of a phishing simulation\./
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

  it('of a simulation, from the sender of the mail that is found, is closed as that and offers nothing', async () => {
    submit('simulation')
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), ['PT-1001'])
    assert.match(soc.card().words, simulated)
    assert.deepEqual(offers('PT-1001'), [])
    assert.deepEqual(remediations(soc), [])
  })

  it('of a simulation joins the case that is open for the same mail: it says so, and a person decides', async () => {
    const card = await openCase(soc, MAIL.simulation)
    assert.match(card.words, /Needs a decision/)
    submit('simulation')
    await soc.pass(3)
    assert.match(soc.card('PT-1001').words, /Needs a decision[^]*Reported by\nTom Berg and 1 other\n/)
    assert.match(soc.card('PT-1001').words, listed)
    assert.notDeepEqual(offers('PT-1001'), [])
    assert.match(soc.card('PT-1002').words, /Joined PT-1001/)
    await soc.press(dana, 'Not phish', { reason: 'our own training' })
    await soc.settle()
    assert.match(soc.card('PT-1001').words, /Closed: not phish/)
  })

  it('of a simulation does not thank by machine the colleague who reported the mail in chat', async () => {
    await soc.say(priya, `report ${MAIL.simulation}`, 'personal')
    await soc.settle()
    const heard = soc.heard(`a:personal-${priya.objectId}`)
    submit('simulation')
    await soc.pass(3)
    assert.match(soc.card('PT-1001').words, listed)
    assert.deepEqual(soc.heard(`a:personal-${priya.objectId}`), heard)
  })

  it('of a simulation whose Message-ID another mail bears proves nothing', async () => {
    submit('simulation', { internetMessageId: '<mailbox-full-8841@contos0-support.example>' })
    await soc.pass(3)
    assert.match(soc.card().words, /Needs a decision[^]*Your mailbox is full/)
    assert.match(soc.card().words, listed)
    assert.notDeepEqual(offers('PT-1001'), [])
  })

  it('of a simulation whose Message-ID and sender a second mail has forged closes neither case', async () => {
    const simulation = soc.seed.messages.find(({ networkMessageId }) => networkMessageId === MAIL.simulation)
    assert.ok(simulation)
    const subject = 'Wire the rest today'
    soc.graph.addMessage({ ...simulation, networkMessageId: '11111111-0000-4000-8000-08dc18c5a009', subject })
    submit('simulation')
    await soc.pass(3)
    assert.deepEqual(casesIn(soc), ['PT-1001', 'PT-1002'])
    for (const name of casesIn(soc)) {
      assert.match(soc.card(name).words, /Needs a decision/)
      assert.notDeepEqual(offers(name), [])
    }
    const subjects = casesIn(soc).map((name) => soc.card(name).words)
    assert.match(subjects.join('\n'), /Wire the rest today/)
    assert.match(subjects.join('\n'), /Your password expires today/)
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

describe('a user submission that the SOC has decided about', () => {
  const reviews = (soc: PolledSoc) =>
    soc.graph.ledger.requests
      .filter(({ operation }) => operation === 'submissionReview')
      .map(({ path, body, status }) => [path.split('/').at(-2), body, status])

  async function decided(reviewed: boolean, fault?: Fault): Promise<PolledSoc> {
    const soc = await openPolledSoc({ submissions: true, reviews: reviewed })
    const [submission] = soc.seed.submissions.filter(({ simulation }) => !simulation)
    assert.ok(submission)
    soc.graph.addSubmission({ ...submission, id: 'aaaa-1', createdAt: soc.time.now() })
    await soc.pass()
    if (fault !== undefined) soc.graph.faults.add(fault)
    await soc.press(dana, 'Not phish', { reason: 'a real contract' })
    await soc.settle()
    return soc
  }

  it('is reviewed as that where the setting allows it, once', async () => {
    const soc = await decided(true)
    await soc.pass(2)
    assert.deepEqual(reviews(soc), [['aaaa-1', { category: 'notSpam' }, 204]])
    await soc.close()
  })

  it('is not touched where it does not', async () => {
    const soc = await decided(false)
    await soc.pass(2)
    assert.deepEqual(reviews(soc), [])
    await soc.close()
  })

  it('is reviewed later where Graph does not answer now', async () => {
    const soc = await decided(true, { match: 'submissionReview', answer: { status: 503 }, times: 1 })
    assert.deepEqual(
      reviews(soc).map(([, , status]) => status),
      [503]
    )
    await soc.pass(6)
    assert.deepEqual(
      reviews(soc).map(([, , status]) => status),
      [503, 204]
    )
    await soc.close()
  })
})
