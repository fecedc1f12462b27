// The figures of some days as a card: native charts where the client draws them, words and blocks where not. Holds no text from outside.
import type { RemediationAction } from '../case/plan.js'
import type { DayCount, Spread, Statistics, StatisticsStep, StatsDays } from '../case/statistics.js'
import { cardTemplate } from './card-template.js'
import { formatNumber } from './card-text.js'
import template from './cards/stats-card.json' with { type: 'json' }
import { barLine, barsLegend, countOfDay, reportsPerBlock, within } from './stats-bars.js'

// A chart's values have to be numbers. They are counts of our own, so that none can bring an object into the card.
const expand = cardTemplate(template)

/** The activity's `summary`. */
export function statsSummary(days: StatsDays): string {
  return `Statistics of the last ${String(days)} days`
}

/** Adaptive Card 1.5 JSON but for its charts, each of which has a fallback that is. */
export function renderStatsCard({ days, took, actions, undone, precision }: Statistics): object {
  const sum = (count: (day: DayCount) => number) => days.reduce((total, day) => total + count(day), 0)
  const [reports, neither] = [sum(countOfDay), sum((day) => day.neither)]
  const perBlock = reportsPerBlock(days)
  const label = labelsFor(days)
  const submitted = actionCounts(actions, undone)
  const title = `Last ${String(days.length)} days`
  const totals = [
    tile(reports, reports === 1 ? 'report' : 'reports'),
    tile(
      sum((day) => day.phish),
      'phish'
    ),
    tile(
      sum((day) => day.notPhish),
      'not phish'
    ),
    tile(
      sum((day) => day.open),
      'open'
    )
  ]
  const said = totals.map(({ count, label: words }) => `${count} ${words}`)
  return expand({
    title,
    subtitle: `${periodWords(days)}, today so far. Days are UTC.`,
    fallbackText: `${title}: ${said.join(', ')}`,
    totals,
    neither: neither === 0 ? '' : `${formatNumber(neither)} more ended undecided: expired, or a phishing simulation.`,
    daysTitle: reports === 0 ? '' : said.join(', '),
    series: [
      seriesOf('phish', 'categoricalPurple', (day) => day.phish),
      seriesOf('anything else', 'categoricalLavender', (day) => day.notPhish + day.neither),
      seriesOf('open', 'neutral', (day) => day.open)
    ],
    bars: days.map((day) => barLine(day, { label: label(day), perBlock })),
    barsLegend: barsLegend(perBlock),
    steps: [
      { step: 'Step (count)', half: 'Half within', most: '9 of 10 within', weight: 'Bolder' },
      ...(Object.keys(stepWords) as StatisticsStep[]).map((step) => stepRow(stepWords[step], took[step]))
    ],
    actionsTitle: submitted.every(({ count }) => count === 0)
      ? ''
      : submitted.map(({ count, label: words }) => `${formatNumber(count)} ${words}`).join(', '),
    actionBars: submitted.map(({ count, label: x }) => ({ x, y: count })),
    actions: submitted.map(({ count, label: words }) => tile(count, words)),
    hasDecided: precision.decided === 0 ? 'no' : 'yes',
    precision: precisionWords(precision),
    shares: [
      { legend: 'phish', color: 'categoricalPurple', value: precision.phish },
      { legend: 'not phish', color: 'categoricalLavender', value: precision.decided - precision.phish }
    ]
  }).card

  function seriesOf(legend: string, color: string, count: (day: DayCount) => number) {
    return { legend, color, values: days.map((day) => ({ x: label(day), y: count(day) })) }
  }
}

function tile(count: number, label: string) {
  return { count: formatNumber(count), label }
}

const stepWords: Record<StatisticsStep, string> = {
  acknowledge: 'Acknowledge',
  decide: 'Decide',
  submit: 'Submit',
  seeGone: 'See it gone'
}

function stepRow(step: string, { count, half, most }: Spread) {
  const words = (ms: number | null) => (ms === null ? 'none yet' : within(ms))
  return { step: `${step} (${formatNumber(count)})`, half: words(half), most: words(most), weight: 'Default' }
}

const actionLabels: [RemediationAction, string][] = [
  ['softDelete', 'soft delete'],
  ['hardDelete', 'hard delete'],
  ['moveToJunk', 'to Junk'],
  ['moveToDeletedItems', 'to Deleted'],
  ['moveToInbox', 'to Inbox']
]

/** Those that the policy seldom has are named only where there are any. */
const always: readonly RemediationAction[] = ['softDelete', 'hardDelete', 'moveToJunk']

function actionCounts(actions: Statistics['actions'], undone: number): { label: string; count: number }[] {
  const counted = actionLabels.map(([action, label]) => ({ action, label, count: actions[action] ?? 0 }))
  return [
    ...counted.filter(({ action, count }) => count > 0 || always.includes(action)),
    { label: undone === 1 ? 'undo' : 'undos', count: undone }
  ].map(({ label, count }) => ({ label, count }))
}

function precisionWords({ decided, phish }: Statistics['precision']): string {
  if (decided === 0) return 'No report has been decided yet.'
  const percent = Math.round((100 * phish) / decided)
  const reports = decided === 1 ? 'report was' : 'reports were'
  return `${formatNumber(phish)} of ${formatNumber(decided)} decided ${reports} phish (${String(percent)} %)`
}

const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** A week needs no dates. All of one width, for bars below each other. */
function labelsFor(days: readonly DayCount[]): (day: DayCount) => string {
  if (days.length <= weekdays.length) return ({ day }) => weekdays[new Date(day).getUTCDay()] ?? ''
  return ({ day }) => dateWords(day).padStart('30 Nov'.length, '0')
}

function dateWords(at: number): string {
  const date = new Date(at)
  return `${String(date.getUTCDate())} ${months[date.getUTCMonth()] ?? ''}`
}

/** "16 to 22 Nov 2026"; the first day says only what the last one does not. */
function periodWords(days: readonly DayCount[]): string {
  const [first, last] = [days[0]?.day ?? 0, days.at(-1)?.day ?? 0]
  const year = (at: number) => String(new Date(at).getUTCFullYear())
  const [day = '', month = ''] = dateWords(first).split(' ')
  const sameMonth = dateWords(last).endsWith(month)
  const from = year(first) !== year(last) ? `${day} ${month} ${year(first)}` : sameMonth ? day : `${day} ${month}`
  return `${from} to ${dateWords(last)} ${year(last)}`
}
