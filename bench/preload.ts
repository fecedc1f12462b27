// Loaded into a measured bot before it (`--import`): tells CPU, memory, event-loop gaps and constructions over IPC. Never
// part of the product.
import { openSync, readSync } from 'node:fs'
import { createRequire } from 'node:module'
import { monitorEventLoopDelay, performance } from 'node:perf_hooks'
import type { Asked, Reading } from './reading.js'

const counted = { templates: 0, clients: 0 }
if (process.env.BENCH_COUNTS === '1') countConstructions(createRequire(process.argv[1] ?? import.meta.url))

/** Both are found by what their constructors call: the modules' own exports are read-only getters. */
function countConstructions(require: NodeJS.Require): void {
  const { Template } = require('adaptivecards-templating') as { Template: { prepare: (node: unknown) => unknown } }
  const { prepare } = Template
  let depth = 0
  Template.prepare = (node) => {
    if (depth === 0) counted.templates += 1
    depth += 1
    try {
      return prepare(node)
    } finally {
      depth -= 1
    }
  }
  const { Client } = require('@microsoft/microsoft-graph-client') as {
    Client: Record<'init' | 'initWithMiddleware', (options: unknown) => unknown>
  }
  for (const name of ['init', 'initWithMiddleware'] as const) {
    const make = Client[name]
    Client[name] = (options) => {
      counted.clients += 1
      return make.call(Client, options)
    }
  }
}

// Of the main thread: time on a core, time waiting for one, both in nanoseconds.
// https://docs.kernel.org/scheduler/sched-stats.html#proc-pid-schedstat
const schedule = openSync('/proc/self/schedstat', 'r')
const text = Buffer.alloc(80)

function scheduled(): { worked: number; waited: number } {
  const length = readSync(schedule, text, 0, text.length, 0)
  const [worked, waited] = text.toString('latin1', 0, length).split(' ')
  return { worked: Number(worked) / 1e6, waited: Number(waited) / 1e6 }
}

const delay = monitorEventLoopDelay({ resolution: 1 })
const gaps = { on: false, own: 0, work: 0, at: 0, worked: 0, waited: 0 }

function sample(): void {
  if (!gaps.on) return
  const at = performance.now()
  const { worked, waited } = scheduled()
  gaps.own = Math.max(gaps.own, at - gaps.at - 1 - (waited - gaps.waited))
  gaps.work = Math.max(gaps.work, worked - gaps.worked)
  Object.assign(gaps, { at, worked, waited })
  setTimeout(sample, 1).unref()
}

let since = { cpu: process.cpuUsage(), ...counted }

function read(): Reading {
  const { user, system } = process.cpuUsage(since.cpu)
  return {
    cpuMs: (user + system) / 1000,
    rssMb: process.memoryUsage.rss() / 2 ** 20,
    gapMs: Math.max(0, delay.max / 1e6 - 1),
    ownGapMs: gaps.own,
    workGapMs: gaps.work,
    templates: counted.templates - since.templates,
    clients: counted.clients - since.clients
  }
}

function mark(withGaps: boolean): void {
  since = { cpu: process.cpuUsage(), ...counted }
  delay.reset()
  // The sampling costs a core some per cent, so it is off while CPU is measured.
  if (withGaps && !gaps.on) {
    delay.enable()
    Object.assign(gaps, { on: true, own: 0, work: 0, at: performance.now(), ...scheduled() })
    sample()
  } else if (withGaps) Object.assign(gaps, { own: 0, work: 0 })
  else {
    delay.disable()
    gaps.on = false
  }
}

process.on('message', ({ id, ask }: Asked) => {
  const reading = read()
  if (ask !== 'read') mark(ask === 'markWithGaps')
  process.send?.({ id, reading })
})
process.channel?.unref()
