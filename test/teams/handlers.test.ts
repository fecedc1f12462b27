// What the handlers do with odd turns: a slow Teams, a database that is down, files of all kinds, cards of unknown place.
import assert from 'node:assert/strict'
import * as words from '../../src/teams/words.js'
import { nodesOf, textOf } from './card-walk.js'
import {
  type DeskUnderTest,
  approver,
  channelMessage,
  employee,
  fileNamed,
  openDesk,
  personalMessage,
  press,
  pressFallback
} from './desk-under-test.js'
import { caseIn } from './sample-cases.js'

describe('handlers', () => {
  let under: DeskUnderTest
  beforeEach(async () => {
    under = await openDesk()
  })
  afterEach(() => under.close())

  describe('an answer', () => {
    it('that Teams does not take within 2.5 s goes to the outbox, and the turn ends', async () => {
      under.teams.fail({ match: 'post', status: 200, hang: true })
      const turn = under.send(personalMessage(employee, 'help'))
      await under.teams.waitFor(() => under.teams.entries.length > 0)
      under.clock.advance(2_499)
      assert.equal(under.enqueued.length, 0)
      under.clock.advance(1)
      assert.equal((await turn).status, 200)
      assert.deepEqual(
        under.enqueued.map((entry) => entry.kind === 'notice' && entry.text),
        [words.help]
      )
    })

    it('that Teams takes is said once', async () => {
      await under.send(personalMessage(employee, 'help'))
      under.clock.advance(10_000)
      assert.deepEqual(under.said(), [words.help])
      assert.deepEqual(under.enqueued, [])
    })
  })

  describe('a database that is down', () => {
    beforeEach(() => {
      under.memoryFails = true
    })

    it('answers a click with HTTP 200 and the words of a failure', async () => {
      under.desk.store.change = async () => {
        throw new Error('the database is down')
      }
      const { status, body } = await under.send(press(approver, 'reject', { case: 'PT-1042', plan: 3, reason: 'x' }))
      assert.equal(status, 200)
      const { statusCode, value } = body as { statusCode: number; value: string }
      assert.equal(statusCode, 200)
      assert.match(value, /^Something failed on my side\./)
    })

    it('still lets a click through that needs no memory', async () => {
      under.record = caseIn('proposed')
      await under.send(press(approver, 'reject', { case: 'PT-1042', plan: 3, reason: 'x' }))
      assert.equal(under.record.state, 'rejected')
      assert.ok(under.logged.some(({ level, message }) => level === 'error' && message.includes('could not be stored')))
    })

    it('answers words with a reference', async () => {
      assert.equal((await under.send(personalMessage(employee, 'hello'))).status, 200)
      assert.match(under.said()[0] ?? '', /^Something failed on my side\./)
    })
  })

  describe('files', () => {
    const files = () => under.enqueued.flatMap((entry) => (entry.kind === 'file' ? [entry.file.name] : []))
    const sent = (text: string, ...names: string[]) => under.send(personalMessage(employee, text, names.map(fileNamed)))

    it('that are mails are all read, behind any number of others', async () => {
      const others = Array.from({ length: 12 }, (_, index) => `${String(index)}.pdf`)
      await sent('', ...others, 'a.eml', 'B.EML')
      assert.deepEqual(files(), ['a.eml', 'B.EML'])
      assert.deepEqual(under.said(), [words.readingFiles(2, 14)])
    })

    it('that are too many are read in part, and it is said', async () => {
      await sent('please look', ...Array.from({ length: 12 }, (_, index) => `${String(index)}.eml`))
      assert.equal(files().length, 10)
      assert.deepEqual(under.said(), [words.readingFiles(10, 12)])
    })

    it('that are no mails do not hide a command', async () => {
      await sent('queue', 'a.pdf')
      assert.match(under.said()[0] ?? '', /You are not an analyst/)
      await sent('thanks', 'a.pdf')
      assert.equal(under.said()[1], words.thanks)
    })

    it('that are no mails, without a command, get the way to report', async () => {
      await sent('', 'a.pdf')
      await sent('what is this', 'a.pdf')
      assert.deepEqual(under.said(), [words.howToReport, words.howToReport])
      assert.deepEqual(under.enqueued, [])
    })
  })

  describe('whoami', () => {
    const told = async (who: { objectId: string; name: string }) => {
      await under.send(personalMessage(who, 'whoami'))
      return under.said().at(-1) ?? ''
    }

    it('tells only those who work with cases what keeps failing', async () => {
      assert.match(await told(approver), /\*\*Needs attention:\*\* 2 cards keep failing/)
      assert.doesNotMatch(await told(employee), /keep failing/)
      under.rights = { kind: 'known', name: '', guest: true, external: false, enabled: true, groups: [], addresses: [] }
      assert.doesNotMatch(await told(approver), /keep failing/)
      under.rights = { kind: 'unavailable', reason: 'timeout' }
      assert.doesNotMatch(await told(approver), /keep failing/)
    })

    it('tells only approvers how the report sources fare', async () => {
      under.desk.sources = async () => [{ name: 'alerts', lastSuccessAt: null, lastError: null }]
      assert.match(await told(approver), /Defender alerts: not read yet\. No error\./)
      assert.doesNotMatch(await told(employee), /Defender alerts/)
    })

    it('tells that files cannot be taken, only where they cannot', async () => {
      assert.doesNotMatch(await told(approver), /FILE_HOSTS/)
      under.desk.takesFiles = false
      assert.match(await told(approver), /Files cannot be taken: set FILE_HOSTS/)
    })
  })

  describe('a card', () => {
    const reject = { case: 'PT-1042', plan: 3, verb: 'reject', reason: 'newsletter' }
    const cardWork = () => under.enqueued.filter(({ kind }) => kind === 'card').length

    it('whose place was unknown is brought up to date once a click tells it', async () => {
      under.record = caseIn('proposed')
      await under.send(press(approver, 'reject', reject))
      assert.equal(under.posted.get('card:1042')?.reference?.activityId, '1700000000001')
      assert.equal(cardWork(), 2, 'one of the decision, one of the binding')
    })

    it('whose place is known is left there', async () => {
      const reference = { conversationId: 'c', serviceUrl: 's', activityId: 'a' }
      under.posted.set('card:1042', { key: 'card:1042', state: 'posted', creates: 1, reference })
      under.record = caseIn('proposed')
      await under.send(press(approver, 'reject', reject))
      assert.equal(under.posted.get('card:1042')?.reference?.activityId, 'a')
      assert.equal(cardWork(), 1)
    })

    it('that carries foreign keys puts only the start of ten of them into the log', async () => {
      under.record = caseIn('proposed')
      const foreign = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`${String(index)}`.repeat(90), 1]))
      await under.send(press(approver, 'reject', { ...reject, ...foreign }))
      await under.send(pressFallback(approver, { ...reject, ...foreign }))
      const logged = under.logged.flatMap(({ details }) => ('ignored' in details ? [details.ignored as string[]] : []))
      assert.deepEqual(
        logged.map((keys) => [keys.length, Math.max(...keys.map((key) => key.length))]),
        [
          [10, 40],
          [10, 40]
        ]
      )
    })

    it('in a personal chat has nothing to press, in the channel it has', async () => {
      under.record = caseIn('proposed')
      await under.send(personalMessage(approver, 'case PT-1042'))
      const pressed = (cards: object[]) => cards.flatMap(nodesOf).filter(({ type }) => type === 'Action.Execute').length
      assert.match(textOf(under.cards()[0] ?? {}), /Needs a decision/)
      assert.equal(pressed(under.cards()), 0)
      await under.send(channelMessage(approver, 'case PT-1042'))
      assert.equal(pressed(under.cards()), 3)
    })
  })

  describe('Mark as done', () => {
    const data = { case: 'PT-1042', plan: 3, verb: 'markDone', reason: 'stands there as b1' }
    const done = 'PT-1042: marked as done, because you found it in Action Center.'
    beforeEach(() => {
      under.record = caseIn('uncertain')
    })
    const closing = () => [under.record?.state, under.record?.closing?.by?.objectId, under.record?.closing?.reason]

    it('by the button', async () => {
      const { body } = await under.send(press(approver, 'markDone', data))
      const text = textOf((body as { value: object }).value)
      assert.match(text, /Submitted\nPT-1042 · v3 · found in Action Center by a person, not looked at yet/)
      assert.match(text, /Marked by\nDana Weber, 03:30 UTC\nBecause\nstands there as b1/)
      assert.deepEqual(closing(), ['submitted', approver.objectId, 'stands there as b1'])
    })

    it('by the fallback of the button', async () => {
      await under.send(pressFallback(approver, data))
      assert.ok(under.said()[0]?.startsWith(done), under.said()[0])
      assert.deepEqual(closing(), ['submitted', approver.objectId, 'stands there as b1'])
    })

    it('by the command, in the channel only', async () => {
      await under.send(personalMessage(approver, 'done PT-1042 v3 stands there as b1'))
      assert.deepEqual(under.said(), [words.decideInChannel])
      await under.send(channelMessage(approver, 'done PT-1042 v3 stands there as b1'))
      assert.ok(under.said()[1]?.startsWith(done), under.said()[1])
      assert.deepEqual(closing(), ['submitted', approver.objectId, 'stands there as b1'])
    })

    it('not by others, not without a reason, not on another plan', async () => {
      const { body } = await under.send(press(employee, 'markDone', data))
      assert.match((body as { value: string }).value, /You are not an approver/)
      for (const changes of [{ reason: ' ' }, { plan: 2 }]) {
        await under.send(press(approver, 'markDone', { ...data, ...changes }))
      }
      assert.equal(under.record?.state, 'uncertain')
    })
  })
})
