// Why there is no plan: each reason has an answer of its own, on the card and to the reporter, and none sounds like "nothing to worry about".
import assert from 'node:assert/strict'
import { ALL_PERMISSIONS } from '../../src/playground/graph-simulator/index.js'
import { dropFiles, click } from '../../src/playground/teams/person.js'
import { MAIL } from '../../src/playground/tenant.js'
import { fileUnreadable, toReporter } from '../../src/teams/look-words.js'
import { TestClock } from '../test-clock.js'
import { startFileHost } from './file-host.js'
import { aSoc, button, openCase } from './scenes.js'
import { priya, tom } from './soc.js'

const unknown = '00000000-0000-4000-8000-000000000042'
const minute = 60_000
const day = 24 * 60 * minute
const clock = new TestClock()
const privately = `a:personal-${priya.objectId}`

describe('no plan', () => {
  const soc = aSoc(() => ({ clock }))

  /** What Priya was told besides the thanks. */
  const told = () => soc().heard(privately).slice(1)
  const report = async (what: string) => {
    await soc().say(priya, `report ${what}`, 'personal')
    await soc().settle()
  }
  const pass = async (ms: number) => {
    clock.advance(ms)
    await soc().settle()
  }
  const allLooks = async () => {
    for (const wait of [1, 5, 15]) await pass(wait * minute)
  }
  const safe = /nothing to worry|all clear|harmless|is safe[^:]/

  function answered(card: RegExp, words: string): void {
    assert.match(soc().card('PT-1001').words, card)
    assert.deepEqual(told(), [words])
    assert.doesNotMatch(words.replace('That does not mean it is safe', ''), safe)
  }

  it('nothing found: told after the last look, once, however often somebody looks again', async () => {
    await report(unknown)
    for (const wait of [1, 5]) await pass(wait * minute)
    assert.deepEqual(told(), [])
    await pass(15 * minute)
    answered(/Nothing found yet[^]*new mail can take 15 minutes/, toReporter({ number: 1001 }, 'nothing'))
    const card = soc().card('PT-1001')
    await click(soc().room, tom, card, { button: button(card, 'Look again') })
    await soc().settle()
    await allLooks()
    assert.equal(told().length, 1)
  })

  it('no permission', async () => {
    soc().graph.grant(ALL_PERMISSIONS.filter((name) => !name.startsWith('SecurityAnalyzed')))
    await report(MAIL.payslip)
    answered(/Cannot be looked up[^]*lacks a permission/, toReporter({ number: 1001 }, 'forbidden'))
  })

  it('no licence', async () => {
    soc().graph.licence(false)
    await report(MAIL.payslip)
    answered(/Cannot be looked up[^]*a licence is missing/, toReporter({ number: 1001 }, 'noLicence'))
  })

  it('outside of what Defender keeps', async () => {
    await report(
      `\nFrom: a@b.example\nSubject: x\nDate: ${new Date(clock.now() - 40 * day).toUTCString()}\nMessage-ID: <old@b.example>`
    )
    await allLooks()
    answered(
      /Nothing found, too old[^]*Defender keeps mail for 30 days[^]*says nothing about the mail/,
      toReporter({ number: 1001 }, 'tooOld')
    )
  })

  it('a date that is none of the mail’s cuts no look short', async () => {
    await report(
      `\nFrom: a@b.example\nSubject: x\nDate: ${new Date(clock.now() - 40 * day).toUTCString()}\nMessage-ID: <payslip-11@c0ntoso-hr.example>`
    )
    assert.match(soc().card('PT-1001').words, /Needs a decision/)
    assert.deepEqual(told(), [])
  })

  it('a cloud without the API', async () => {
    soc().graph.cloud('usGov')
    await report(MAIL.payslip)
    answered(
      /Cannot be looked up\nPT-1001 · this cloud has no way to do it[^]*US Government and China clouds/,
      toReporter({ number: 1001 }, 'cloudWithoutApi')
    )
  })

  it('a Defender that does not answer is asked again, and nobody is told that this was all', async () => {
    soc().graph.faults.add({ match: 'analyzedEmails', times: 3, answer: { status: 503 } })
    await report(MAIL.payslip)
    assert.match(soc().card('PT-1001').words, /Defender did not answer/)
    for (const wait of [10_000, 30_000, minute]) await pass(wait)
    assert.match(soc().card('PT-1001').words, /Needs a decision/)
    assert.deepEqual(told(), [])
  })

  it('is told to nobody in the channel, where the card says it', async () => {
    await openCase(soc(), unknown)
    const before = soc().messages().length
    await allLooks()
    assert.equal(soc().messages().length, before)
  })

  it('each of the five says something else', () => {
    const all = (['nothing', 'forbidden', 'noLicence', 'tooOld', 'cloudWithoutApi'] as const).map((answer) =>
      toReporter({ number: 1001 }, answer)
    )
    assert.equal(new Set(all).size, 5)
    for (const words of all) assert.match(words, /That does not mean it is safe: do not click, reply or forward\./)
  })

  it('a file that nobody can read: the reporter hears why', async () => {
    const host = await startFileHost({ '/picture': new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]) })
    try {
      await dropFiles(soc().room, priya, [{ name: 'mail.eml', downloadUrl: `${host.url}/picture` }])
      await soc().settle()
      assert.ok(told().some((words) => words.endsWith(fileUnreadable('it is no mail')) && words.includes('PT-1001')))
    } finally {
      await host.close()
    }
  })
})
