// Draws the cards with the official renderer in headless Chromium, to docs/cards. Shows invented mail only; reaches no network.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Page, chromium } from 'playwright-core'
import type { AuditEntry } from '../src/case/change.js'
import { copiesDigest, planDigest } from '../src/case/plan.js'
import { renderAuditCard } from '../src/teams/audit-card.js'
import { renderCaseCard } from '../src/teams/case-card.js'
import { renderLinkCard } from '../src/teams/link-card.js'
import { renderReportCard } from '../src/teams/report-card.js'
import { renderStatsCard } from '../src/teams/stats-card.js'
import { renderTimeLine } from '../src/teams/time-line.js'
import { defaultRules } from '../src/case/policy.js'
import {
  batchOf,
  caseIn,
  contextAt,
  remediationOf,
  sampleMail,
  samplePolicy,
  verdictCase
} from '../test/teams/sample-cases.js'
import { sampleMonth, sampleWeek } from '../test/teams/sample-figures.js'

const out = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'cards')
const everything = process.argv[2] !== undefined

const context = contextAt('2026-11-22T03:20:00Z')
const submitted = caseIn('submitted')
const mismatch = {
  ...caseIn('proposed'),
  number: 1043,
  reporters: {
    ...caseIn('proposed').reporters,
    claims: { subject: sampleMail.subject, senderAddress: 'helpdesk@contoso.example' }
  }
}
const simulation = {
  ...caseIn('simulation'),
  number: 1044,
  reporters: { ...caseIn('simulation').reporters, kind: 'simulation' as const }
}
const notJunk = {
  ...caseIn('proposed'),
  reporters: { ...caseIn('proposed').reporters, kind: 'notJunk' as const }
}
const refused = remediationOf([
  batchOf({
    state: 'refused',
    status: 403,
    code: 'Forbidden',
    message: 'Insufficient privileges',
    requestId: '0f1e2d3c'
  })
])

/** The usual policy: hard delete, and more than 50 mailboxes, take two. */
const two = contextAt('2026-11-22T03:20:00Z', { ...samplePolicy, rules: defaultRules })

const kept: Record<string, object[]> = {
  'awaiting-decision': [renderCaseCard(caseIn('proposed'), two)],
  'second-approval': [renderCaseCard(caseIn('partlyApproved'), two)],
  'approvals-void': [
    renderCaseCard(
      caseIn('proposed', { voided: { why: 'changed', changes: ['2 copies more', '1 moved'], at: context.now } }),
      two
    )
  ],
  submitted: [
    renderCaseCard(submitted, context),
    renderLinkCard(submitted, submitted.remediations[0] ?? refused, context)
  ],
  uncertain: [renderCaseCard(caseIn('uncertain'), context)],
  'nothing-found': [renderCaseCard(caseIn('nothingFound'), context)],
  mismatch: [renderCaseCard(mismatch, context)],
  // This renderer draws no charts: what it shows is what stands for them.
  stats: [renderStatsCard(sampleWeek)],
  'needs-verdict': [renderCaseCard(verdictCase('teamsMessage'), context)],
  simulation: [renderCaseCard(simulation, context)],
  failed: [renderCaseCard({ ...caseIn('failed'), remediations: [refused] }, context)]
}
const manyBatches = remediationOf(
  Array.from({ length: 12 }, (_, index) =>
    batchOf({
      seq: index + 1,
      from: index * 100,
      to: index * 100 + 100,
      ...(index === 11 ? { trackingLink: null } : {})
    })
  )
)
const opened = (card: object) =>
  JSON.parse(JSON.stringify(card).replaceAll('"isVisible":false', '"isVisible":true')) as object
const others: Record<string, object[]> = {
  'stats-month': [renderStatsCard(sampleMonth)],
  'time-line': [renderTimeLine({ record: submitted, entries: story(), between: 0 }, context.now)],
  audit: [renderAuditCard({ caseNumber: 1042, page: 1, entries: story(), total: 26 }, context.now)],
  details: [opened(renderCaseCard(caseIn('proposed'), context))],
  looking: [renderCaseCard(caseIn('looking'), context)],
  forbidden: [renderCaseCard(caseIn('unreadable'), context)],
  approved: [renderCaseCard(caseIn('approved'), context)],
  submitting: [renderCaseCard(caseIn('submitting'), context)],
  rejected: [renderCaseCard(caseIn('rejected'), context)],
  closed: [
    renderCaseCard(verdictCase('teamsMessage', { state: 'closed', closing: caseIn('closed').closing }), context)
  ],
  'needs-verdict-file': [renderCaseCard(verdictCase('file'), context)],
  'not-junk': [renderCaseCard(notJunk, context)],
  expired: [renderCaseCard(caseIn('expired'), context)],
  joined: [renderCaseCard(caseIn('joined'), context)],
  'proposed-again': [
    renderCaseCard(
      { ...caseIn('proposed'), planVersion: 5, remediations: caseIn('uncertain').remediations },
      { ...context, banner: 'That plan is out of date: the mailboxes have changed.', repeat: true }
    )
  ],
  links: [renderLinkCard(submitted, manyBatches, context)],
  report: [renderReportCard({ caseNumber: 1042, subject: sampleMail.subject })]
}

/** What the audit log has of the submitted case. */
function story(): AuditEntry[] {
  const { plan, remediations, reporters, number } = submitted
  const [remediation] = remediations
  if (plan === null || remediation === undefined) throw new Error('The sample case was not submitted.')
  const { action, severity, batches } = remediation
  const approver = { objectId: '5d1f4f4e-0000-4000-8000-000000000001', name: 'Dana Weber' }
  const reason = 'Password page confirmed, two users asked about it'
  const ruling = { allowed: true, reasons: ['You are an approver: named in the policy.'] }
  const shown = { planVersion: plan.version, copiesDigest: copiesDigest(plan), copies: plan.copies.length }
  const digest = planDigest(number, plan, remediation)
  const { status, requestId, rawLocation } = batches[0] ?? batchOf()
  const facts: Omit<AuditEntry, 'at' | 'caseNumber'>[] = [
    { event: 'case.opened', actor: reporters.first, detail: { origin: 'report', note: 'It asks for my password' } },
    { event: 'case.found', actor: null, detail: shown },
    { event: 'decision.approved', actor: approver, detail: { ...shown, digest, action, severity, reason, ruling } },
    { event: 'batch.submitting', actor: null, detail: { ...shown, digest, batch: 1 } },
    {
      event: 'batch.accepted',
      actor: null,
      detail: { planVersion: plan.version, digest, batch: 1, status, requestId, rawLocation }
    }
  ]
  return facts.map((entry, index) => ({ ...entry, at: context.now + (index - 9) * 60_000, caseNumber: number }))
}

// Teams' light theme as far as a host config can say it.
const text = (color: string, subtle = '#616161') => ({ default: color, subtle })
const colors = {
  default: text('#242424'),
  dark: text('#242424'),
  light: text('#ffffff'),
  accent: text('#4f52b2'),
  good: text('#0e700e'),
  warning: text('#835c00'),
  attention: text('#b10e1c')
}
const tone = (backgroundColor: string) => ({ backgroundColor, foregroundColors: colors })
// The bundled sans draws this sign from two that overlap.
const signs = `@font-face { font-family: Signs; src: local('DejaVu Sans Bold'); unicode-range: U+2260 }`
const fontFamily = "Signs, 'Segoe UI', 'Open Sans', 'Noto Sans', 'DejaVu Sans', sans-serif"
const fontSizes = { small: 12, default: 14, medium: 16, large: 18, extraLarge: 24 }
const fontWeights = { lighter: 300, default: 400, bolder: 600 }
const hostConfig = {
  supportsInteractivity: true,
  fontFamily,
  fontSizes,
  fontWeights,
  fontTypes: {
    default: { fontFamily, fontSizes, fontWeights },
    monospace: { fontFamily: "'Consolas', 'Noto Sans Mono', 'DejaVu Sans Mono', monospace", fontSizes, fontWeights }
  },
  spacing: { small: 8, default: 12, medium: 16, large: 20, extraLarge: 24, padding: 16 },
  separator: { lineThickness: 1, lineColor: '#d9d9d9' },
  containerStyles: {
    default: tone('#ffffff'),
    emphasis: tone('#f4f4f4'),
    accent: tone('#ebedf9'),
    good: tone('#e7f2e7'),
    warning: tone('#f9f2d5'),
    attention: tone('#fceced')
  },
  actions: {
    maxActions: 6,
    spacing: 'default',
    buttonSpacing: 8,
    actionsOrientation: 'horizontal',
    actionAlignment: 'left'
  },
  inputs: {
    label: { inputSpacing: 'small', requiredInputs: { suffix: ' *', suffixColor: 'attention' }, optionalInputs: {} },
    errorMessage: { color: 'attention', spacing: 'small' }
  }
}
const style = `
  ${signs}
  body { margin: 0; padding: 12px; background: #f4f4f4; font-family: ${fontFamily} }
  .card { background: #fff; border: 1px solid #d9d9d9; border-radius: 6px; overflow: hidden; margin-bottom: 8px }
  .card + .card { margin-left: 24px }
  .ac-pushButton { font: 600 14px ${fontFamily}; padding: 6px 14px; border: 1px solid #c9c9c9; border-radius: 4px; background: #fff; color: #242424 }
  .ac-pushButton.style-positive { background: #5b5fc7; border-color: #5b5fc7; color: #fff }
  .ac-pushButton.style-destructive { background: #c50f1f; border-color: #c50f1f; color: #fff }
  .ac-input { font: 14px ${fontFamily}; padding: 6px 10px; border: 1px solid #c9c9c9; border-bottom-color: #616161; border-radius: 4px; background: #fff; box-sizing: border-box }
  .ac-richTextBlock { font-size: 14px; line-height: 1.33 }
  .ac-selectable { cursor: pointer }`

async function draw(page: Page, name: string, width: number, cards: object[]): Promise<void> {
  await page.setViewportSize({ width, height: 400 })
  await page.evaluate(
    ({ cards, hostConfig }) => {
      const { AdaptiveCards, document } = globalThis as unknown as {
        AdaptiveCards: {
          AdaptiveCard: new () => { hostConfig: object; parse(c: object): void; render(): object }
          HostConfig: new (c: object) => object
        }
        document: {
          body: { replaceChildren(): void; append(e: object): void }
          createElement(tag: string): { className: string; append(e: object): void }
        }
      }
      document.body.replaceChildren()
      for (const json of cards) {
        const card = new AdaptiveCards.AdaptiveCard()
        card.hostConfig = new AdaptiveCards.HostConfig(hostConfig)
        card.parse(json)
        const frame = document.createElement('div')
        frame.className = 'card'
        frame.append(card.render())
        document.body.append(frame)
      }
    },
    { cards, hostConfig }
  )
  await writeFile(join(out, `${name}.png`), await page.screenshot({ fullPage: true }))
}

const script = await readFile(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'), 'utf8')
await mkdir(out, { recursive: true })
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
})
try {
  const page = await browser.newPage({ deviceScaleFactor: 1.5 })
  await page.setContent(`<!doctype html><meta charset="utf-8"><style>${style}</style><body>`)
  await page.addScriptTag({ content: script })
  for (const [name, cards] of Object.entries(everything ? { ...kept, ...others } : kept)) {
    await draw(page, name, 620, cards)
    if (everything || name === 'awaiting-decision') await draw(page, `${name}-360`, 360, cards)
  }
} finally {
  await browser.close()
}
