// The message action: its dialog, what becomes of a message that was reported with it, and what no payload can make it do.
import assert from 'node:assert/strict'
import type { CaseRecord } from '../../src/case/case.js'
import type { Desk } from '../../src/teams/desk.js'
import type { Report } from '../../src/case/report.js'
import { reportCommand } from '../../src/teams/message-action.js'
import * as words from '../../src/teams/words.js'
import { rendererProblems } from './card-schema.js'
import { nodesOf, textOf } from './card-walk.js'
import { type DeskUnderTest, type Someone, employee, openDesk } from './desk-under-test.js'
import { caseIn } from './sample-cases.js'

const guid = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const other = '83ca4154-58d8-43d0-a890-08dc18c52e6d'
const conversation = { id: '19:sales@thread.v2', conversationType: 'groupChat', tenantId: 't1' }
const noClaims = { subject: '', senderAddress: '' }

function invoke(name: string, value: unknown, who: Someone | null = employee): object {
  const from = who === null ? { id: '29:x', name: 'X' } : { id: '29:x', name: who.name, aadObjectId: who.objectId }
  return { type: 'invoke', name, id: 'a1', from, conversation, value }
}

function payloadOf(content: string, contentType = 'html', attachments: unknown = []): object {
  return { id: '1700000000009', createdDateTime: '2026-11-22T03:00:00Z', body: { contentType, content }, attachments }
}

function submit(messagePayload: unknown, data: unknown = { kind: 'phish', note: '' }, who?: Someone | null): object {
  const value = { commandId: reportCommand, commandContext: 'message', data, messagePayload }
  return invoke('composeExtension/submitAction', value, who)
}

describe('message action', () => {
  let under: DeskUnderTest
  let taken: Report[]
  let cases: Map<string, CaseRecord>
  let limitAt: number

  /** As the real store: a repeated activity and another report of the same message join what is there. */
  const open: Desk['store']['open'] = async (report) => {
    const known = cases.get(report.message.value)
    const repeated = taken.some(({ activityKey }) => activityKey === report.activityKey)
    if (known !== undefined && repeated) return { kind: 'repeated', record: known }
    if (known === undefined && cases.size >= limitAt) return { kind: 'limited', waiting: 10 }
    taken.push(report)
    const record = known ?? caseIn('looking', { number: 1001 + cases.size })
    cases.set(report.message.value, record)
    return known === undefined ? { kind: 'opened', record } : { kind: 'joined', record, narrowed: 'no' }
  }

  beforeEach(async () => {
    under = await openDesk()
    under.desk.store.open = open
    taken = []
    cases = new Map()
    limitAt = 100
  })
  afterEach(() => under.close())

  /** What the person reads after the dialog. */
  async function answerTo(activity: object): Promise<string> {
    const { status, body } = await under.send(activity)
    assert.equal(status, 200)
    const { task } = body as { task: { type: string; value: string } }
    assert.deepEqual(body, { task: { type: 'message', value: task.value } })
    assert.deepEqual(under.said(), [], 'nothing is said in the conversation of others')
    return task.value
  }

  describe('its dialog', () => {
    it('asks what the message is, and holds nothing of it', async () => {
      const value = { commandId: reportCommand, messagePayload: payloadOf('<b>zqxzqx</b>') }
      const { status, body } = await under.send(invoke('composeExtension/fetchTask', value))
      assert.equal(status, 200)
      const { task } = body as { task: { type: string; value: { title: string; card: { content: object } } } }
      assert.deepEqual([task.type, task.value.title], ['continue', 'Report phish'])
      assert.ok(!JSON.stringify(body).includes('zqxzqx'))

      const card = task.value.card.content
      assert.deepEqual(rendererProblems(card), [])
      assert.ok(textOf(card).includes('Its files are listed by name and not opened.'))
      const [kind, note] = nodesOf(card).filter(({ type }) => type?.startsWith('Input.'))
      assert.deepEqual(
        (kind?.choices as { value: string }[]).map((choice) => choice.value),
        ['phish', 'junk', 'notJunk']
      )
      assert.deepEqual([kind?.id, kind?.value, note?.id, note?.maxLength], ['kind', 'phish', 'note', 1000])
      assert.deepEqual(
        nodesOf(card)
          .filter(({ type }) => type?.startsWith('Action.'))
          .map(({ type, title }) => [type, title]),
        [['Action.Submit', 'Report']]
      )
      assert.deepEqual(taken, [])
    })
  })

  describe('a message without a mail', () => {
    it('becomes a case about its text', async () => {
      const text = await answerTo(submit(payloadOf('<p>Your <b>CEO</b> here.</p><p>Buy gift cards &amp; hurry</p>')))
      assert.equal(text, words.reportedAll({ numbers: [1001], limitedAt: null }).replaceAll('**', ''))
      const { activityKey = '' } = taken[0] ?? {}
      const place = `action/19:sales@thread.v2/1700000000009/${employee.objectId}`
      assert.ok(activityKey.startsWith(`${place}/`))
      assert.match(activityKey.slice(place.length), /^\/[0-9a-f]{16}\/0$/)
      assert.deepEqual(taken, [
        {
          message: { kind: 'teamsMessage', value: '19:sales@thread.v2/1700000000009' },
          recipients: [],
          reporter: employee,
          mailboxes: [],
          note: '',
          claims: { subject: 'Your CEO here.\nBuy gift cards & hurry', senderAddress: '' },
          origin: 'messageAction',
          kind: 'phish',
          activityKey,
          // Nothing is ever posted into other people's chat.
          replyTo: null,
          at: under.clock.now()
        } satisfies Report
      ])
    })

    it('takes plain text as it stands', async () => {
      await answerTo(submit(payloadOf('a <b> c', 'text')))
      assert.equal(taken[0]?.claims?.subject, 'a <b> c')
    })

    it('keeps what the reporter says of it, and the names of its files', async () => {
      const attachments = [{ name: 'invoice.html', contentUrl: 'https://evil.example/x' }, { name: 'b.exe' }]
      await answerTo(submit(payloadOf('look', 'text', attachments), { kind: 'junk', note: '  I clicked ' }))
      assert.deepEqual(
        [taken[0]?.kind, taken[0]?.note],
        ['junk', 'I clicked Attachments, not looked at: invoice.html, b.exe.']
      )
      assert.ok(!JSON.stringify(taken).includes('evil.example'))
    })
  })

  describe('a message that names mails', () => {
    it('becomes a report of each, once', async () => {
      const text = await answerTo(submit(payloadOf(`<p>${guid} and ${other}, again ${guid.toUpperCase()}</p>`)))
      assert.equal(text, words.reportedAll({ numbers: [1001, 1002], limitedAt: null }).replaceAll('**', ''))
      assert.deepEqual(
        taken.map(({ message, claims, note }) => [message, claims, note]),
        [guid, other].map((value) => [
          { kind: 'networkMessageId', value },
          null,
          `It says: ${guid} and ${other}, again ${guid.toUpperCase()}`
        ])
      )
    })

    it('reads pasted headers', async () => {
      const headers = ['Message-ID: &lt;a@b.example&gt;', 'Subject: Invoice', 'From: x@y.example'].join('<br>')
      await answerTo(submit(payloadOf(`<div>${headers}</div>`)))
      assert.deepEqual(
        taken.map(({ message, claims }) => [message, claims]),
        [
          [
            { kind: 'internetMessageId', value: '<a@b.example>' },
            { subject: 'Invoice', senderAddress: 'x@y.example' }
          ]
        ]
      )
    })

    it('takes the first five, where there are more', async () => {
      const many = Array.from({ length: 9 }, (_, index) => guid.replace('73ca', `73c${String(index)}`))
      await answerTo(submit(payloadOf(many.join(' '), 'text')))
      assert.deepEqual(
        taken.map(({ message }) => message.value),
        many.slice(0, 5)
      )
    })
  })

  it('joins what it opened when it is sent again, and when somebody else reports the same message', async () => {
    const once = await answerTo(submit(payloadOf('x')))
    assert.equal(await answerTo(submit(payloadOf('x'))), once)
    assert.equal(taken.length, 1)
    assert.equal(await answerTo(submit(payloadOf('x'), {}, { objectId: 'o9', name: 'Ben' })), once)
    assert.deepEqual([taken.length, cases.size], [2, 1])
  })

  const again: [string, object][] = [
    ['the message was edited', submit(payloadOf('y'))],
    ['the note is another one', submit(payloadOf('x'), { kind: 'phish', note: 'I clicked' })],
    ['it is taken for something else', submit(payloadOf('x'), { kind: 'junk', note: '' })],
    ['a word of the message has become the note', submit(payloadOf(''), { kind: 'phish', note: 'x' })]
  ]
  for (const [what, activity] of again) {
    it(`is another report of the same case where ${what}`, async () => {
      const once = await answerTo(submit(payloadOf('x')))
      assert.equal(await answerTo(activity), once)
      assert.deepEqual([taken.length, cases.size], [2, 1])
      assert.equal(await answerTo(activity), once)
      assert.equal(taken.length, 2)
    })
  }

  it('that is sent again with several mails reports each once', async () => {
    const activity = submit(payloadOf(`${guid} ${other}`, 'text'))
    assert.equal(await answerTo(activity), await answerTo(activity))
    assert.deepEqual(
      taken.map(({ activityKey }) => activityKey.slice(-2)),
      ['/0', '/1']
    )
  })

  it('is answered nowhere else, in a personal chat neither', async () => {
    const personal = { id: 'a:personal', conversationType: 'personal', tenantId: 't1' }
    await answerTo({ ...submit(payloadOf('x')), conversation: personal })
    assert.deepEqual(
      taken.map(({ replyTo }) => replyTo),
      [null]
    )
  })

  describe('is refused', () => {
    it('to guests', async () => {
      under.rights = {
        kind: 'known',
        name: 'G',
        guest: true,
        external: false,
        enabled: true,
        groups: [],
        addresses: []
      }
      assert.equal(await answerTo(submit(payloadOf('x'))), 'Guests may not report, open or decide cases.')
      assert.deepEqual(taken, [])
    })

    it('to somebody whom Teams does not name', async () => {
      assert.equal(await answerTo(submit(payloadOf('x'), {}, null)), words.whoAreYou)
      assert.deepEqual(taken, [])
    })

    it('while there is no SOC channel', async () => {
      under.desk.policy = { ...under.desk.policy, channelId: '' }
      assert.equal(await answerTo(submit(payloadOf('x'))), words.notSetUp)
      assert.deepEqual(taken, [])
    })

    it('over the limit, in words', async () => {
      limitAt = 0
      assert.equal(await answerTo(submit(payloadOf(guid))), words.limited(10))
      assert.deepEqual(taken, [])
    })
  })

  it('answers nothing at all where it is switched off, or where the command is another one', async () => {
    const silent = async (activity: object) => {
      assert.deepEqual(await under.send(activity), { status: 200, body: {} })
      assert.deepEqual([taken, under.said()], [[], []])
    }
    for (const name of ['composeExtension/fetchTask', 'composeExtension/submitAction']) {
      for (const value of [undefined, null, 7, 'x', {}, { commandId: 'x' }, { commandId: [reportCommand] }]) {
        await silent(invoke(name, value))
      }
      await silent(invoke(`${name}s`, { commandId: reportCommand, messagePayload: payloadOf('x') }))
    }
    under.desk.takesMessages = false
    await silent(submit(payloadOf('x')))
    await silent(invoke('composeExtension/fetchTask', { commandId: reportCommand }))
  })

  it('says that something failed, with a reference that stands in the log', async () => {
    under.desk.store.open = async () => {
      throw new Error('secret of the database')
    }
    const text = await answerTo(submit(payloadOf('x')))
    const { details } = under.logged.find(({ level }) => level === 'error') ?? assert.fail('nothing was logged')
    assert.equal(text, words.messageFailure((details as { reference: string }).reference))
    assert.ok(!JSON.stringify(under.logged).includes('secret'))
  })

  describe('hostile payloads', () => {
    const nothings: [string, unknown][] = [
      ['none', undefined],
      ['null', null],
      ['a number', 7],
      ['a text', '1700000000009'],
      ['a list', [payloadOf('x')]],
      ['an empty one', {}],
      ['a number for an id', { ...payloadOf('x'), id: 1700000000009 }],
      ['an object for an id', { ...payloadOf('x'), id: { toString: 'x' } }],
      ['an id of 10,000 characters', { ...payloadOf('x'), id: '1'.repeat(10_000) }],
      ['an id with a NUL', { ...payloadOf('x'), id: '17\u00000' }],
      ['an id that is inherited', JSON.parse('{"__proto__":{"id":"1700000000009"},"body":{"content":"x"}}')]
    ]
    for (const [what, payload] of nothings) {
      it(`name no message: ${what}`, async () => {
        assert.equal(await answerTo(submit(payload)), words.noQuotedMessage)
        assert.deepEqual(taken, [])
      })
    }

    const bodies: [string, unknown][] = [
      ['none', undefined],
      ['null', null],
      ['a number', 7],
      ['a number for its content', { contentType: 'html', content: 7 }],
      ['a list for its content', { contentType: ['text'], content: ['x'] }]
    ]
    for (const [what, body] of bodies) {
      it(`are reported with an empty text: a body that is ${what}`, async () => {
        await answerTo(submit({ ...payloadOf(''), body }))
        assert.deepEqual(taken[0]?.claims, noClaims)
      })
    }

    for (const attachments of [undefined, null, 7, 'x', { length: 3 }, [null, 7, 'x', {}, { name: 7 }, { name: '' }]]) {
      it(`have no attachments: ${JSON.stringify(attachments) ?? 'none'}`, async () => {
        await answerTo(submit(payloadOf('x', 'text', attachments)))
        assert.equal(taken[0]?.note, '')
      })
    }

    for (const data of [
      undefined,
      null,
      7,
      'x',
      [],
      { kind: 7, note: 7 },
      { kind: 'simulation' },
      { kind: 'constructor' }
    ]) {
      it(`are phish without a note: ${JSON.stringify(data) ?? 'no data'}`, async () => {
        await answerTo(submit(payloadOf('x'), data))
        assert.deepEqual([taken[0]?.kind, taken[0]?.note], ['phish', ''])
      })
    }

    it('reach into nothing through prototype keys', async () => {
      const data = JSON.parse(
        '{"__proto__":{"kind":"notJunk","note":"x"},"constructor":{"prototype":{"a":1}}}'
      ) as unknown
      await answerTo(submit(payloadOf('x'), data))
      assert.deepEqual([taken[0]?.kind, taken[0]?.note], ['phish', ''])
      assert.equal(({} as { a?: number }).a, undefined)
    })

    it('are cut: text, note, and attachments by number and length of name', async () => {
      const attachments = Array.from({ length: 50 }, (_, index) => ({ name: `${String(index)}-${'n'.repeat(10_000)}` }))
      const started = performance.now()
      await answerTo(
        submit(payloadOf(`<p>${'x'.repeat(10_000)}`, 'html', attachments), { kind: 'phish', note: 'y'.repeat(10_000) })
      )
      assert.ok(performance.now() - started < 1_000)
      const [report] = taken
      assert.equal(report?.claims?.subject.length, 2_000)
      assert.ok(report.note.startsWith('y'.repeat(1_000) + ' Attachments'))
      assert.equal(report.note.match(/n{97,98}/g)?.length, 10)
      assert.ok(report.note.length < 2_200)
    })

    it('cost little time, however they are built', async () => {
      const started = performance.now()
      for (const part of ['<', '<a ', '&lt;', '<a@', `${guid}-`, 'Message-ID:', '\n', '<p', 'a@b ']) {
        await answerTo(submit(payloadOf(part.repeat(200_000 / part.length))))
      }
      assert.ok(performance.now() - started < 5_000)
    })

    it('are text where they are HTML: no tag, link or mention is left as such', async () => {
      await answerTo(
        submit(payloadOf('<at>Ana</at> <a href="https://evil.example">bank</a><script>alert(1)</script><img src=x>'))
      )
      assert.equal(taken[0]?.claims?.subject, 'Ana bankalert(1)')
    })
  })
})
