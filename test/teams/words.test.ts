// What the bot says in chat, word for word, and that hostile names cannot format or link anything in it.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { hasHeaders } from '../../src/intake/header-block.js'
import { parseCommand } from '../../src/teams/commands.js'
import * as words from '../../src/teams/words.js'
import { caseIn } from './sample-cases.js'

const message = '73ca4154-58d8-43d0-a890-08dc18c52e6d'
const open = caseIn('proposed')
const text = (...paragraphs: string[]) => paragraphs.join('\n\n')

const spoken: [what: string, said: string, expected: string][] = [
  [
    'help',
    words.help,
    text(
      '**Phish Triage** takes reports of phishing mail. When an analyst approves, it asks Defender to remove the mail and posts the tracking link.',
      `**report** *message* [note]: report a mail, for example \`report ${message}\`. You can also paste the mail's headers after report, or send me the mail as an .eml or .msg file in a personal chat.`,
      '**triage** *message* [recipient …]: open a case and ask for a decision (analysts).',
      '**find** from:*sender* subject:"*words*" since:24h: list the messages that match, and open a case from the list (analysts).',
      '**include** PT-1042 v1 · **exclude** PT-1042 v1: plan for the similar messages too, or only for the one, in the SOC channel (analysts).',
      '**case** PT-1042 · **queue**: what became of a case, step by step, and what waits (analysts).',
      '**history** [page] · **stats** [7d or 30d]: cases that have ended, and how much there was and how long it took (analysts).',
      '**audit** PT-1042: who did what in a case, as the audit log has it (approvers).',
      '**approve** PT-1042 v1 softDelete medium *reason* · **reject** PT-1042 v1 *reason* · **done** PT-1042 v1 *reason* (found in Action Center): decide without the buttons, in the SOC channel (approvers). **withdraw** PT-1042 v1: take back your approval while it waits for others.',
      '**undo** PT-1042 [reason]: propose to move the mail back to the inbox, in the SOC channel (analysts). It needs an approval.',
      '**whoami**: your ids and what you may do.'
    )
  ],
  [
    'greeting',
    words.greeting,
    text(
      'Hello. I take reports of phishing mail to your security team.',
      "Type `report` and the message's id, or send me the mail as an .eml file in a personal chat. `help` lists everything."
    )
  ],
  ['thanks', words.thanks, 'You are welcome. Type `help` to see what I can do.'],
  [
    'unknown',
    words.unknown,
    text(
      'I did not understand that. To report a mail, type `report` followed by its Message-ID or its pasted headers, or send me the mail as an .eml file in a personal chat.',
      'Type `help` to see everything I can do.'
    )
  ],
  [
    'malformed',
    words.malformed('case needs a case number.', 'case PT-1042'),
    'case needs a case number.\n\nFor example: `case PT-1042`'
  ],
  [
    'how to report, in two lines',
    words.howToReport,
    text(
      'I can take a mail as an .eml or .msg file (drag it from Outlook into this chat), its pasted headers after `report`, or its Message-ID after `report`.',
      'Nothing was reported yet.'
    )
  ],
  [
    'no identifier',
    words.noIdentifier,
    text(
      'I found no Message-ID and no network message id in that.',
      'Send the mail as an .eml file in a personal chat, or paste its headers after `report`. Nothing was reported yet.'
    )
  ],
  [
    'files in a channel',
    words.filesOnlyInPersonalChat,
    'Teams does not hand me files in a channel. Send me the mail as an .eml or .msg file in a personal chat.'
  ],
  ['reading a file', words.readingFiles(1, 1), 'I have your file and am reading it. The case number follows here.'],
  ['reading files', words.readingFiles(3, 3), 'I have 3 files and am reading them. The case numbers follow here.'],
  [
    'reading not all files',
    words.readingFiles(10, 12),
    text(
      'I have 10 files and am reading them. The case numbers follow here.',
      'You sent 12 files and I read 10 of them: .eml and .msg files only, at most ten in one message.'
    )
  ],
  [
    'file problem',
    words.fileProblem('it is too large'),
    text(
      'I could not read your file: it is too large.',
      'Nothing was reported yet. Paste the mail’s headers after `report`, or type `report` and its Message-ID.'
    )
  ],
  [
    'reported',
    words.reported(1042, false),
    text(
      'Thank you. Your report has arrived as **PT-1042**. The security team is looking at it.',
      '**Until then: do not click, reply or forward.**'
    )
  ],
  [
    'reported, joined',
    words.reported(1042, true),
    text(
      'Thank you. Your report has arrived as **PT-1042**, together with reports of the same mail by others. The security team is looking at it.',
      '**Until then: do not click, reply or forward.**'
    )
  ],
  [
    'triage opened',
    words.triaged({ kind: 'opened', record: open }),
    '**PT-1042** is open. I am looking the mail up; its card comes to the SOC channel.'
  ],
  [
    'triage repeated',
    words.triaged({ kind: 'repeated', record: open }),
    words.triaged({ kind: 'opened', record: open })
  ],
  [
    'triage of a closed case',
    words.triaged({ kind: 'opened', record: caseIn('looking', { previousCase: 1001 }) }),
    '**PT-1042** is open. I am looking the mail up; its card comes to the SOC channel. This mail was handled before as PT-1001.'
  ],
  [
    'triage joined',
    words.triaged({ kind: 'joined', record: open, narrowed: 'no' }),
    '**PT-1042** is already open for this mail. Its card is in the SOC channel.'
  ],
  [
    'triage joined and narrowed',
    words.triaged({ kind: 'joined', record: { ...open, recipients: ['a@x.example', 'b@x.example'] }, narrowed: 'yes' }),
    '**PT-1042** is already open for this mail. It now acts only on the 2 mailboxes you named; a new plan version follows.'
  ],
  [
    'triage joined and widened',
    words.triaged({ kind: 'joined', record: open, narrowed: 'yes' }),
    '**PT-1042** is already open for this mail. It acts on every mailbox again; a new plan version follows.'
  ],
  [
    'triage joined too late',
    words.triaged({ kind: 'joined', record: caseIn('submitting'), narrowed: 'tooLate' }),
    '**PT-1042** is already open for this mail. It is already approved, so its mailboxes stay as they are.'
  ],
  [
    'limited',
    words.limited(10),
    text(
      'You have 10 reports in the last hour that Defender does not know yet. I take ten of those an hour from one person.',
      'Nothing was reported now. If it is urgent, call your security team; otherwise try again later.'
    )
  ],
  [
    'not set up',
    words.notSetUp,
    'The bot is not set up yet: no SOC channel is configured. Until then I answer only `help` and `whoami`.'
  ],
  [
    'not here',
    words.notHere,
    'I am not set up to work here, and I take no reports here. Send me reports in a personal chat.'
  ],
  [
    'only help here',
    words.onlyHelpHere,
    'In this channel I answer only `help` and `whoami`. Use the SOC channel or a personal chat.'
  ],
  [
    'decide in the channel',
    words.decideInChannel,
    'Decisions count only in the SOC channel, where everybody can see them. Nothing was changed.'
  ],
  ['who are you', words.whoAreYou, 'Teams did not tell me who you are, so I can take nothing from you here.'],
  ['unknown case', words.unknownCase, 'I know no such case. `queue` lists the open ones.'],
  [
    'unknown button',
    words.unknownButton,
    'I do not know this button. Nothing was changed. Type `help` to see what I can do.'
  ],
  ['looking', words.looking, 'Looking again. The card changes when Defender has answered.'],
  ['too late', words.lookingIsOver, 'This case is no longer waiting for a look. The card shows where it stands.'],
  [
    'proposing',
    words.proposing,
    'Reading the mailboxes again. A new plan version follows on the card and needs a new approval.'
  ],
  ['refusal', words.refusal(['You are not an approver.']), text('You are not an approver.', 'The case is unchanged.')],
  [
    'failure of a click',
    words.failure('r-1'),
    text(
      'Something failed on my side. If the card still asks for a decision, nothing was recorded: try again.',
      'Reference: r-1'
    )
  ],
  [
    'failure of a message',
    words.messageFailure('r-1'),
    text('Something failed on my side. If you have no case number, nothing was recorded: try again.', 'Reference: r-1')
  ],
  [
    'several found',
    words.severalFound('PT-1042', ['PT-1042', 'PT-1043'], false),
    text(
      'PT-1042: this Message-ID stands for 2 messages. Each is a case of its own:',
      'PT-1042 · PT-1043',
      'Type `case` and a number to see one.'
    )
  ],
  [
    'several found, and more',
    words.severalFound('PT-1042', ['PT-1042', 'PT-1043'], true),
    text(
      'PT-1042: this Message-ID stands for more than 2 messages. The first 2 are cases of their own; for others, triage their network message ids:',
      'PT-1042 · PT-1043',
      'Type `case` and a number to see one.'
    )
  ],
  [
    'cannot resolve',
    words.cannotResolve,
    'I could not look up the Message-ID: the bot lacks the permission ThreatHunting.Read.All. Report the networkMessageId (a GUID) instead; it is in the mail’s header X-MS-Exchange-Organization-Network-Message-Id.'
  ],
  ['empty queue', words.emptyQueue, 'No case is open. `report` or `triage` starts one.'],
  ['reported, summary', words.reportedSummary(1042), 'PT-1042: thank you, your report has arrived'],
  ['queue of one', words.queueSummary(1), '1 open case'],
  ['queue of many', words.queueSummary(12), '12 open cases'],
  [
    'welcome to a team, set up',
    words.welcome({ installer: 'Ana', scope: 'team', setUp: [] }),
    text(
      'I am Phish Triage. Ana installed me.',
      'In the SOC channel, analysts open a case with `triage` and a message id; approvers decide on its card. I act only on an approval that the policy allows, and on standard channels only.',
      'I am set up: reports become cards in the SOC channel.',
      'Type `help` for all commands, `whoami` for what you may do.'
    )
  ],
  [
    'welcome to a person, not set up',
    words.welcome({
      installer: '',
      scope: 'personal',
      setUp: [words.setUpProblems.noChannel, words.setUpProblems.nobodyMayApprove, words.setUpProblems.noFileHosts]
    }),
    text(
      'I am Phish Triage.',
      'Send me a suspicious mail as an .eml file, or type `report` and its Message-ID. I tell you the case number.',
      'An administrator has to finish the set-up: No SOC channel is configured: set SOC_CHANNEL_ID, or channel in the policy file. Nobody may approve: approvers in the policy file is empty. Files cannot be taken: set FILE_HOSTS to the hosts of your SharePoint.',
      'Type `help` for all commands, `whoami` for what you may do.'
    )
  ],
  [
    'whoami',
    words.whoami({
      objectId: 'abc',
      tenantId: 'def',
      conversationId: '19:soc`@thread',
      rulings: [
        { deed: 'Report', ruling: { allowed: true, reasons: ['Every member may.'] } },
        { deed: 'Decide', ruling: { allowed: false, reasons: ['You are not an approver.'] } }
      ],
      problems: ['Nobody may approve.'],
      sources: [
        { name: 'alerts', lastSuccessAt: Date.UTC(2026, 10, 22, 2, 31), lastError: null },
        {
          name: 'submissions',
          lastSuccessAt: Date.UTC(2026, 10, 22, 2, 31),
          lastError: { at: Date.UTC(2026, 10, 21, 23), reason: 'No connection.' }
        },
        {
          name: 'mailbox',
          lastSuccessAt: null,
          lastError: { at: Date.UTC(2026, 10, 22, 2, 30), reason: 'Refused (<at>x</at> **y**).' }
        }
      ],
      now: Date.UTC(2026, 10, 22, 3)
    }),
    text(
      'Your object id: `abc`',
      'Tenant: `def`',
      'This conversation: `19:soc@thread`',
      'Report: **yes**. Every member may.',
      'Decide: **no**. You are not an approver.',
      'Defender alerts: last read 02:31 UTC. No error.',
      'User submissions: last read 02:31 UTC. Last error 21 Nov 23:00 UTC: No connection.',
      '**Needs attention:** Reporting mailbox: not read yet. Last error 02:30 UTC: Refused  atx /at y.',
      '**Needs attention:** Nobody may approve.'
    )
  ]
]

describe('words', () => {
  for (const [what, said, expected] of spoken) {
    it(what, () => {
      assert.equal(said, expected)
    })
  }

  it('names only commands that exist', () => {
    const named = spoken.flatMap(([what, said]) =>
      what === 'whoami' ? [] : [...said.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command)
    )
    assert.ok(named.length > 20)
    for (const command of named) assert.notEqual(parseCommand(command, hasHeaders).kind, 'unknown', command)
  })
})

describe('words: names', () => {
  it('keep ordinary names', () => {
    for (const name of ['Dana Weber', "Zoë O'Brien-Smith", '李小龍', 'Müller, Jörg']) {
      assert.equal(words.plainName(name), name)
    }
  })

  it('become somebody where nothing is left', () => {
    for (const name of ['', '  ', '**', '[]()']) assert.equal(words.plainName(name), 'somebody')
  })

  it('cannot format, mention or link', () => {
    const said = words.welcome({
      installer: '<at>all</at> **[x](https://evil.example)**',
      scope: 'personal',
      setUp: []
    })
    assert.doesNotMatch(said.split('\n\n')[0] ?? '', /[<>[\]()*]|https:/)
  })

  it('hold no Markdown and no line end, whatever they are', () => {
    const unit = fc.constantFrom(
      '*',
      '_',
      '`',
      '[',
      '](',
      '<at>',
      '\n',
      '\u202e',
      '#',
      '|',
      '\\',
      '!',
      'a',
      ' ',
      'http://'
    )
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit })), (name) => {
        const clean = words.plainName(name)
        assert.doesNotMatch(clean, /[*_~`#|\\<>[\](){}!\n\r\u202a-\u202e]/)
        assert.notEqual(clean.trim(), '')
      })
    )
  })
})
