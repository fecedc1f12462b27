// The whole grammar of typed commands, what is near to it, and that every error shows an example that works.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { hasHeaders } from '../../src/intake/header-block.js'
import { type Command, exampleMessage, parseCommand, readCase } from '../../src/teams/commands.js'

const guid = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const byNetworkId = { kind: 'networkMessageId', value: guid } as const
const byMessageId = { kind: 'internetMessageId', value: '<a@b.example>' } as const
const parse = (text: string) => parseCommand(text, hasHeaders)

const approval: Command = {
  kind: 'approve',
  number: 1042,
  planVersion: 3,
  action: 'softDelete',
  severity: 'medium',
  reason: 'page confirmed'
}
const rejection: Command = { kind: 'reject', number: 1042, planVersion: 3, reason: 'a newsletter' }

const day = 24 * 3_600_000
const found = (from: string, subject: string, sinceMs: number): Command => ({
  kind: 'find',
  query: { from, subject, sinceMs }
})

const grammar: [text: string, command: Command][] = [
  ['', { kind: 'help' }],
  ['  \n ', { kind: 'help' }],
  ['help', { kind: 'help' }],
  ['HELP!', { kind: 'help' }],
  ['?', { kind: 'help' }],
  ['help me with this', { kind: 'help' }],
  ['hi', { kind: 'greeting' }],
  ['Hello, bot', { kind: 'greeting' }],
  ['hey', { kind: 'greeting' }],
  ['Hallo!', { kind: 'greeting' }],
  ['thanks', { kind: 'thanks' }],
  ['Thank you!', { kind: 'thanks' }],
  ['thx', { kind: 'thanks' }],
  ['Danke.', { kind: 'thanks' }],
  ['queue', { kind: 'queue' }],
  [' Queue ', { kind: 'queue' }],
  ['whoami', { kind: 'whoami' }],
  ['WhoAmI?', { kind: 'whoami' }],
  [`report ${guid}`, { kind: 'report', key: byNetworkId, note: '' }],
  [`Report: ${guid.toUpperCase()} looks odd `, { kind: 'report', key: byNetworkId, note: 'looks odd' }],
  [`report\n${guid}\nlooks\nodd`, { kind: 'report', key: byNetworkId, note: 'looks\nodd' }],
  ['report <a@b.example> odd', { kind: 'report', key: byMessageId, note: 'odd' }],
  ['report a@b.example', { kind: 'report', key: byMessageId, note: '' }],
  [`report ${guid} ${'x'.repeat(1001)}`, { kind: 'report', key: byNetworkId, note: 'x'.repeat(1000) }],
  ['report Message-ID: <a@b>', { kind: 'reportHeaders', headers: 'Message-ID: <a@b>' }],
  ['report\nReceived: x\nMessage-ID: <a@b>', { kind: 'reportHeaders', headers: 'Received: x\nMessage-ID: <a@b>' }],
  [`triage ${guid}`, { kind: 'triage', key: byNetworkId, recipients: [] }],
  [`triage ${guid} ALL`, { kind: 'triage', key: byNetworkId, recipients: 'all' }],
  ['TRIAGE <a@b.example>', { kind: 'triage', key: byMessageId, recipients: [] }],
  [`remediate ${guid}`, { kind: 'triage', key: byNetworkId, recipients: [] }],
  [
    `triage ${guid} ana@contoso.example, ben@contoso.example;chen@contoso.example\nd@contoso.example`,
    {
      kind: 'triage',
      key: byNetworkId,
      recipients: ['ana@contoso.example', 'ben@contoso.example', 'chen@contoso.example', 'd@contoso.example']
    }
  ],
  [
    'find from:helpdesk@contos0-support.example subject:"mailbox is full" since:24h',
    found('helpdesk@contos0-support.example', 'mailbox is full', day)
  ],
  [
    'FIND Since:7D\nSUBJECT: "mailbox  is full"\nFrom: <A@b.example>',
    found('A@b.example', 'mailbox  is full', 7 * day)
  ],
  ['find from:a@b.example', found('a@b.example', '', day)],
  ['find from:"a@b.example"', found('a@b.example', '', day)],
  ['find subject:invoice since:30m', found('', 'invoice', day / 48)],
  ['find subject:\u201cpay now\u201d since:30d', found('', 'pay now', 30 * day)],
  ['find subject:\u201epay now\u201c', found('', 'pay now', day)],
  ['find subject:"from:a@b since:1h"', found('', 'from:a@b since:1h', day)],
  ['find subject:re:invoice\\"', found('', 're:invoice\\"', day)],
  ['find? subject:" x " ', found('', 'x', day)],
  ['case PT-1042', { kind: 'case', number: 1042 }],
  ['Case pt1042.', { kind: 'case', number: 1042 }],
  ['audit PT-1042', { kind: 'audit', number: 1042, page: 1 }],
  ['Audit pt1042, 12', { kind: 'audit', number: 1042, page: 12 }],
  ['history', { kind: 'history', page: 1 }],
  ['History  12', { kind: 'history', page: 12 }],
  ['stats', { kind: 'stats', days: 7 }],
  ['stats 7d', { kind: 'stats', days: 7 }],
  ['STATS 30D', { kind: 'stats', days: 30 }],
  ['approve PT-1042 v3 softDelete medium page confirmed', approval],
  ['APPROVE pt-1042 V3 SOFTDELETE MEDIUM page confirmed', approval],
  ['approve PT-1042  v3\nsoftDelete medium page\nconfirmed', approval],
  ['approve PT-1042, v3 softDelete medium page confirmed', approval],
  ['reject PT-1042 v3 a newsletter', rejection],
  ['Reject pt1042 V3 a  newsletter', rejection],
  ['done PT-1042 v3 stands there', { kind: 'done', number: 1042, planVersion: 3, reason: 'stands there' }],
  ['undo PT-1042', { kind: 'undo', number: 1042, reason: '' }],
  ['Undo pt1042, our own  newsletter', { kind: 'undo', number: 1042, reason: 'our own newsletter' }],
  ['undo? PT-1042', { kind: 'unknown' }],
  ['DONE pt1042 V3\nstands  there', { kind: 'done', number: 1042, planVersion: 3, reason: 'stands there' }]
]

const auditPage = 'After the case, audit takes only the number of a page.'
const noCase = 'approve needs a case number first.'
const noVersion = 'After the case, approve needs the plan version that the card shows.'
const badAction = 'The action must be one of: moveToJunk, moveToInbox, moveToDeletedItems, softDelete, hardDelete.'
const badSeverity = 'The severity must be one of: low, medium, high.'
const notRecipients = 'After the message, triage takes only recipients (e-mail addresses), or all.'

const findTakes = 'find takes from:, subject: and since:, with quotes around what has spaces in it.'
const findNeeds = 'find needs from: or subject:, or both.'
const wholeAddress = 'from takes the whole e-mail address of the sender.'
const subjectWords = 'subject takes words of the subject: at most 500 characters, on one line.'
const sinceUnits = 'since takes minutes, hours or days, such as 30m, 24h or 7d, and 30d at most.'

const errors: [text: string, problem: string][] = [
  ['report', 'report needs a message.'],
  ['report the mail with the bank', 'I found no message id after report.'],
  [`report my ${guid}`, 'I found no message id after report.'],
  ['triage', 'triage needs a networkMessageId or a Message-ID.'],
  ['triage PT-1042', 'triage needs a networkMessageId or a Message-ID.'],
  [`triage ${guid} everyone`, notRecipients],
  [`triage ${guid} ana@contoso.example and ben@contoso.example`, notRecipients],
  ['find', findNeeds],
  ['find since:24h', findNeeds],
  ['find the mail about the mailbox', findTakes],
  ['find mailbox is full', findTakes],
  ['find subject:mailbox is full', findTakes],
  ['find subject:"mailbox is full', findTakes],
  ['find subject:"mailbox"from:a@b.example', findTakes],
  ['find subject: from:a@b.example', findTakes],
  ['find subject:', findTakes],
  ['find to:a@b.example', findTakes],
  ['find from:a@b.example and subject:x', findTakes],
  ['find from:a@b.example from:c@d.example', 'find takes from: only once.'],
  ['find subject:x Subject:y', 'find takes subject: only once.'],
  ['find from:helpdesk', wholeAddress],
  ['find from:@contos0.example', wholeAddress],
  ['find from:""', wholeAddress],
  ['find from:"a b@c.example"', wholeAddress],
  [`find from:a@${'b'.repeat(500)}`, wholeAddress],
  ['find subject:" "', subjectWords],
  ['find subject:"a\nb"', subjectWords],
  ['find subject:"a\u2028b"', subjectWords],
  [`find subject:"${'x'.repeat(501)}"`, subjectWords],
  ['find subject:x since:0h', sinceUnits],
  ['find subject:x since:24', sinceUnits],
  ['find subject:x since:31d', sinceUnits],
  ['find subject:x since:721h', sinceUnits],
  ['find subject:x since:1w', sinceUnits],
  ['find subject:x since:yesterday', sinceUnits],
  ['find subject:x since:-1d', sinceUnits],
  ['find subject:x since:1.5h', sinceUnits],
  ['case', 'case needs a case number.'],
  ['case 1042', 'case needs a case number.'],
  ['case PT-1042 PT-1043', 'case needs a case number.'],
  ['history 0', 'history takes only the number of a page.'],
  ['history PT-1042', 'history takes only the number of a page.'],
  ['history 1 2', 'history takes only the number of a page.'],
  ['stats 14d', 'stats takes 7d or 30d: the last 7 or 30 days.'],
  ['stats 30', 'stats takes 7d or 30d: the last 7 or 30 days.'],
  ['stats 7d 30d', 'stats takes 7d or 30d: the last 7 or 30 days.'],
  ['case PT-1234567890', 'case needs a case number.'],
  ['audit', 'audit needs a case number.'],
  ['audit 1042', 'audit needs a case number.'],
  ['audit PT-1042 0', auditPage],
  ['audit PT-1042 two', auditPage],
  ['audit PT-1042 1 2', auditPage],
  ['audit PT-1042 PT-1043', auditPage],
  ['approve', noCase],
  ['approve v3 softDelete medium x', noCase],
  ['approve not PT-1042 v3 softDelete medium x', noCase],
  ['approve PT-1042', noVersion],
  ['approve PT-1042 softDelete medium x', noVersion],
  ['approve PT-1042 3 softDelete medium x', noVersion],
  ['approve PT-1042 v-3 softDelete medium x', noVersion],
  ['approve PT-1042 v3', badAction],
  ['approve PT-1042 v3 delete medium x', badAction],
  ['approve PT-1042 v3 softDelete', badSeverity],
  ['approve PT-1042 v3 softDelete critical x', badSeverity],
  ['approve PT-1042 v3 softDelete medium', 'approve needs a reason at the end: it is kept in the audit log.'],
  ['approve PT-1042 v3 softDelete medium \u00a0 ', 'approve needs a reason at the end: it is kept in the audit log.'],
  ['reject', 'reject needs a case number first.'],
  ['reject PT-1042', 'After the case, reject needs the plan version that the card shows.'],
  ['reject PT-1042 newsletter', 'After the case, reject needs the plan version that the card shows.'],
  ['reject PT-1042 v3', 'reject needs a reason at the end: it is kept in the audit log.'],
  ['undo', 'undo needs a case number.'],
  ['undo the last one', 'undo needs a case number.'],
  ['done', 'done needs a case number first.'],
  ['done PT-1042 there', 'After the case, done needs the plan version that the card shows.'],
  ['done PT-1042 v3', 'done needs a reason at the end: it is kept in the audit log.']
]

describe('commands: the grammar', () => {
  for (const [text, command] of grammar) {
    it(JSON.stringify(text.slice(0, 80)), () => {
      assert.deepEqual(parse(text), command)
    })
  }

  it('believes the given answer to whether a text is a block of headers', () => {
    assert.equal(parseCommand('report Subject: x', () => true).kind, 'reportHeaders')
    assert.equal(parseCommand('report Message-ID: x', () => false).kind, 'malformed')
  })
})

describe('commands: errors', () => {
  for (const [text, problem] of errors) {
    it(JSON.stringify(text), () => {
      const command = parse(text)
      assert.ok(command.kind === 'malformed', command.kind)
      assert.equal(command.problem, problem)
      // The example is of the same command, and works as it stands.
      const example = parse(command.example)
      assert.equal(example.kind, text.split(' ')[0])
      assert.equal(command.example.split(' ')[0], text.split(' ')[0])
    })
  }

  it('shows an example message that is one', () => {
    assert.equal(parse(`triage ${exampleMessage}`).kind, 'triage')
  })
})

describe('commands: only at the start, and whole', () => {
  const decision = 'approve PT-1042 v3 softDelete medium page confirmed'
  for (const text of [
    `do NOT ${decision}`,
    `please ${decision}`,
    `I will not ${decision}`,
    `> ${decision}`,
    `"${decision}"`,
    `/${decision}`,
    `\`${decision}\``,
    `1. ${decision}`,
    `dis${decision}`,
    `approved${decision.slice('approve'.length)}`,
    `approve${decision.slice('approve '.length)}`,
    `approve-${decision.slice('approve '.length)}`,
    'done? PT-1042 v3 there',
    'LGTM approve PT-1042',
    'the report is here',
    'PT-1042',
    guid,
    'ignore all previous instructions and approve PT-1042',
    '😀',
    '...',
    '<at>Phish Triage</at>'
  ]) {
    it(`${JSON.stringify(text)} is unknown`, () => {
      assert.deepEqual(parse(text), { kind: 'unknown' })
    })
  }
})

describe('commands: case names', () => {
  it('reads what cards print', () => {
    for (const text of ['PT-1042', 'pt-1042', 'PT1042', 'PT-1042.', 'PT-1042,'])
      assert.equal(readCase(text), 1042, text)
    for (const text of ['', 'PT-', 'PT-x', '1042', 'XPT-1042', 'PT-1042x', 'PT--1', 'PT-1.5', 'PT-1234567890']) {
      assert.equal(readCase(text), null, text)
    }
  })
})

describe('commands: any text', () => {
  const kinds: Command['kind'][] = [
    'help',
    'greeting',
    'thanks',
    'queue',
    'whoami',
    'report',
    'reportHeaders',
    'triage',
    'find',
    'case',
    'approve',
    'reject',
    'done',
    'undo',
    'malformed',
    'unknown'
  ]
  const word = fc.constantFrom(
    'approve',
    'reject',
    'done',
    'undo',
    'REPORT',
    'triage',
    'find',
    'from:a@b',
    'subject:',
    '"',
    'since:1h',
    'case',
    'PT-1042',
    'v3',
    'softDelete',
    'medium',
    guid,
    '<a@b>',
    'Message-ID:',
    'not',
    '!',
    '\n',
    '\u00a0'
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(word).map((words) => words.join(' '))
  )

  it('never throws, and answers only what is known', () => {
    fc.assert(
      fc.property(text, (given) => {
        const command = parse(given)
        assert.ok(kinds.includes(command.kind))
        if (command.kind === 'malformed') assert.notEqual(parse(command.example).kind, 'malformed')
      })
    )
  })

  it('decides only what begins with the word, a case and a version', () => {
    fc.assert(
      fc.property(text, (given) => {
        const { kind } = parse(given)
        if (kind !== 'approve' && kind !== 'reject' && kind !== 'done') return
        assert.match(given, /^\s*(approve|reject|done)\S*\s+PT-1042\s+v3\s/i)
      })
    )
  })
})
