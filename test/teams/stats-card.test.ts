// The statistics card: its words and bars, its charts and what stands for them, its size, and that it is a valid card without them.
import assert from 'node:assert/strict'
import { type DayCount, type Statistics, dayMs, periodOf } from '../../src/case/statistics.js'
import { maxCardBytes } from '../../src/teams/card-template.js'
import { barLine, barsLegend, reportsPerBlock, within } from '../../src/teams/stats-bars.js'
import { renderStatsCard, statsSummary } from '../../src/teams/stats-card.js'
import { cardProblem, rendererProblems } from './card-schema.js'
import { nodesOf, textOf, withoutCharts } from './card-walk.js'
import { daysOf, monday, sampleMonth, sampleWeek as week } from './sample-figures.js'

const minute = 60_000

const quiet: Statistics = {
  days: daysOf([0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]),
  took: {
    acknowledge: { count: 0, half: null, most: null },
    decide: { count: 0, half: null, most: null },
    submit: { count: 0, half: null, most: null },
    seeGone: { count: 0, half: null, most: null }
  },
  actions: {},
  undone: 0,
  precision: { decided: 0, phish: 0 }
}
const largest: Statistics = {
  ...week,
  days: Array.from({ length: 30 }, (_, index) => ({
    day: monday + index * dayMs,
    phish: 1_234_567,
    notPhish: 1_234_567,
    open: 1_234_567,
    neither: 1_234_567
  })),
  actions: { softDelete: 9_999, hardDelete: 9_999, moveToJunk: 9_999, moveToDeletedItems: 9_999, moveToInbox: 9_999 },
  undone: 9_999
}

const plain = (figures: Statistics) => withoutCharts(renderStatsCard(figures))
const linesOf = (figures: Statistics) => textOf(plain(figures)).split('\n')
const chartsOf = (figures: Statistics) =>
  nodesOf(renderStatsCard(figures)).filter(({ type }) => type?.startsWith('Chart.') === true)

describe('statistics card', () => {
  it('says everything in words where no chart is drawn', () => {
    assert.deepEqual(linesOf(week), [
      'Last 7 days',
      '16 to 22 Nov 2026, today so far. Days are UTC.',
      ...['143', 'reports', '61', 'phish', '78', 'not phish', '3', 'open'],
      '1 more ended undecided: expired, or a phishing simulation.',
      'Reports a day',
      'Mon ████████████░░░░░░░░░░░░░░ 26, 12 phish',
      'Tue ████████░░░░░░░░░░ 18, 8 phish',
      'Wed ██████████░░░░░░░░░░░░░░░░ 26, 10 phish',
      'Thu ██████████████░░░░░░░░░░░░ 26, 14 phish',
      'Fri ███████████░░░░░░░░░░░░░░░░░░ 29, 11 phish',
      'Sat ██░░░░░░ 8, 2 phish',
      'Sun ████░░░··· 10, 4 phish',
      '█ phish, ░ anything else, · open.',
      'How long it took',
      ...['Step (count)', 'Half within', '9 of 10 within'],
      ...['Acknowledge (90)', '1 s', '2 s'],
      ...['Decide (88)', '6 min', '31 min'],
      ...['Submit (59)', '2 s', '5 s'],
      ...['See it gone (0)', 'none yet', 'none yet'],
      'What was submitted',
      ...['44', 'soft delete', '6', 'hard delete', '9', 'to Junk', '2', 'undos'],
      'Reporters',
      '61 of 139 decided reports were phish (44 %)'
    ])
    assert.equal(statsSummary(30), 'Statistics of the last 30 days')
  })

  it('draws the same figures as charts, in numbers, with what they show in their titles', () => {
    const [days, actions, precision, ...others] = chartsOf(week)
    assert.ok(days && actions && precision)
    assert.deepEqual(others, [])
    assert.deepEqual(
      [days, actions, precision].map(({ type, title }) => [type, title]),
      [
        ['Chart.VerticalBar.Grouped', '143 reports, 61 phish, 78 not phish, 3 open'],
        ['Chart.HorizontalBar', '44 soft delete, 6 hard delete, 9 to Junk, 2 undos'],
        ['Chart.Donut', '61 of 139 decided reports were phish (44 %)']
      ]
    )
    const series = days.data as { legend: string; values: { x: string; y: number }[] }[]
    assert.deepEqual(
      series.map(({ legend, values }) => [legend, values.map(({ y }) => y)]),
      [
        ['phish', [12, 8, 10, 14, 11, 2, 4]],
        ['anything else', [14, 10, 16, 12, 18, 6, 3]],
        ['open', [0, 0, 0, 0, 0, 0, 3]]
      ]
    )
    assert.deepEqual(
      series[0]?.values.map(({ x }) => x),
      ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
    )
    assert.equal(days.stacked, true)
    assert.deepEqual(
      (actions.data as { x: string; y: number }[]).map(({ x, y }) => [x, y]),
      [
        ['soft delete', 44],
        ['hard delete', 6],
        ['to Junk', 9],
        ['undos', 2]
      ]
    )
    assert.deepEqual(
      (precision.data as { legend: string; value: number }[]).map(({ legend, value }) => [legend, value]),
      [
        ['phish', 61],
        ['not phish', 78]
      ]
    )
  })

  it('has nothing to draw of days on which nothing happened, and says so', () => {
    assert.deepEqual(chartsOf(quiet), [])
    const lines = linesOf(quiet)
    assert.deepEqual(lines.slice(2, 10), ['0', 'reports', '0', 'phish', '0', 'not phish', '0', 'open'])
    assert.deepEqual(lines.slice(-4), ['What was submitted', 'nothing', 'Reporters', 'No report has been decided yet.'])
  })

  it('names actions that are seldom only where there are any, and dates where a week does not do', () => {
    const lines = linesOf(largest)
    assert.ok(lines.includes('to Inbox') && lines.includes('to Deleted'))
    assert.equal(lines[1], '16 Nov to 15 Dec 2026, today so far. Days are UTC.')
    assert.match(
      lines.find((line) => line.startsWith('01 Dec')) ?? '',
      /^01 Dec █{5}░{10}·{5} 4,938,268, 1,234,567 phish$/
    )
    assert.ok(lines.includes('█ phish, ░ anything else, · open. One block is up to 246,914 reports.'))
    assert.equal(chartsOf(largest).length, 3)
  })

  for (const [name, figures] of Object.entries({ week, month: sampleMonth, quiet, largest })) {
    it(`${name}: is a valid card without its charts, which the official renderer takes too, and is small`, () => {
      assert.equal(cardProblem(plain(figures)), null)
      assert.deepEqual(rendererProblems(plain(figures)), [])
      const bytes = Buffer.byteLength(JSON.stringify(renderStatsCard(figures)))
      assert.ok(bytes <= maxCardBytes, String(bytes))
    })
  }

  it('gives each chart only what Teams documents, and a fallback without charts', () => {
    for (const figures of [week, largest]) {
      for (const { fallback, ...chart } of chartsOf(figures)) {
        assert.notEqual(cardProblem({ ...chart }), null, 'the schema knows no charts')
        assert.equal(
          nodesOf(fallback).some(({ type }) => type?.startsWith('Chart.') === true),
          false
        )
        const known = ['type', 'title', 'stacked', 'showBarValues', 'yAxisTitle', 'color', 'data']
        assert.deepEqual(
          Object.keys(chart).filter((key) => !known.includes(key)),
          []
        )
        for (const node of nodesOf(chart.data)) {
          for (const key of ['y', 'value'])
            assert.ok(!(key in node) || typeof node[key] === 'number', JSON.stringify(node))
        }
      }
    }
  })

  it('takes UTC days, today so far among them', () => {
    const now = Date.UTC(2026, 10, 22, 23, 59, 59, 999)
    assert.deepEqual(periodOf(7, now), { from: monday, to: monday + 7 * dayMs })
    assert.deepEqual(periodOf(30, now + 1), { from: Date.UTC(2026, 9, 25), to: now + 2 })
  })
})

describe('bars', () => {
  const words = (day: DayCount, perBlock: number) =>
    barLine(day, { label: 'Mon', perBlock })
      .runs.map(({ text }) => text)
      .join('')
  const [day] = daysOf([1, 29, 1]) as [DayCount]

  it('have a block for each report up to thirty a day', () => {
    assert.equal(reportsPerBlock(daysOf([10, 10, 10])), 1)
    assert.equal(reportsPerBlock(daysOf([1, 1, 1], [10, 10, 10, 1])), 2)
    assert.equal(reportsPerBlock([]), 1)
    assert.equal(barsLegend(1), '█ phish, ░ anything else, · open.')
  })

  it('above that have fewer, and none of what there is goes missing', () => {
    assert.equal(words(day, 2), `Mon █${'░'.repeat(15)}· 31, 1 phish`)
    assert.equal(barsLegend(2), '█ phish, ░ anything else, · open. One block is up to 2 reports.')
    assert.equal(words({ ...day, phish: 0, notPhish: 0, open: 0 }, 2), 'Mon 0')
  })
})

describe('within', () => {
  for (const [ms, expected] of [
    [0, '1 s'],
    [1_000, '1 s'],
    [1_001, '2 s'],
    [59_000, '59 s'],
    [59_001, '1 min'],
    [60_001, '2 min'],
    [119 * minute, '119 min'],
    [119 * minute + 1, '2 h'],
    [47 * 60 * minute, '47 h'],
    [47 * 60 * minute + 1, '2 days'],
    [9.5 * dayMs, '10 days']
  ] as const) {
    it(`${String(ms)} ms is within ${expected}`, () => {
      assert.equal(within(ms), expected)
    })
  }
})
