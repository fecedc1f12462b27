// Invented figures for tests and pictures of the statistics card. Holds no expectation.
import { type DayCount, type Statistics, dayMs } from '../../src/case/statistics.js'

export const monday = Date.UTC(2026, 10, 16)
const minute = 60_000

export function daysOf(...counts: [phish: number, notPhish: number, open: number, neither?: number][]): DayCount[] {
  return counts.map(([phish, notPhish, open, neither = 0], index) => ({
    day: monday + index * dayMs,
    phish,
    notPhish,
    open,
    neither
  }))
}

export const sampleWeek: Statistics = {
  days: daysOf([12, 14, 0], [8, 10, 0], [10, 16, 0], [14, 12, 0], [11, 18, 0], [2, 5, 0, 1], [4, 3, 3]),
  took: {
    acknowledge: { count: 90, half: 900, most: 1_001 },
    decide: { count: 88, half: 6 * minute, most: 30 * minute + 1 },
    submit: { count: 59, half: 2_000, most: 5_000 },
    seeGone: { count: 0, half: null, most: null }
  },
  actions: { softDelete: 44, hardDelete: 6, moveToJunk: 9 },
  undone: 2,
  precision: { decided: 139, phish: 61 }
}

export const sampleMonth: Statistics = {
  ...sampleWeek,
  days: Array.from({ length: 30 }, (_, index) => ({
    day: monday + (index - 23) * dayMs,
    phish: (index * 7) % 23,
    notPhish: (index * 5) % 31,
    open: index > 27 ? 2 : 0,
    neither: index % 9 === 0 ? 1 : 0
  }))
}
