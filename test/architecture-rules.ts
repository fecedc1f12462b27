// The rules of the house, each with invented breaches that it has to notice. Reads nothing but the text it is given.
import { posix } from 'node:path'

export interface File {
  /** From the root of the repository. */
  path: string
  text: string
}

interface Import {
  from: string
  /** A path in the repository, or the name of a package. */
  to: string
  relative: boolean
  typeOnly: boolean
}

export interface Rule {
  name: string
  /** Answers the breaches in one file. */
  check: (file: File) => string[]
  breaches: File[]
  allowed: File[]
}

export const file = (path: string, text: string): File => ({ path, text })
const lines = (count: number) => 'x\n'.repeat(count)

const statement = /^\s*(?:import|export)\s+([^'"`;]*?)\s*from\s*['"]([^'"]+)['"]/gm
const bare = /(?:^\s*import|\bimport\s*\(|\brequire(?:\.resolve)?\s*\()\s*['"`]([^'"`]+)['"`]/gm

export function importsOf({ path, text }: File): Import[] {
  const found = [
    ...[...text.matchAll(statement)].map(([, clause = '', to = '']) => ({ to, typeOnly: isTypeOnly(clause) })),
    ...[...text.matchAll(bare)].map(([, to = '']) => ({ to, typeOnly: false }))
  ]
  return found.map(({ to, typeOnly }) => {
    const relative = to.startsWith('.')
    return { from: path, to: relative ? posix.join(posix.dirname(path), to) : to, relative, typeOnly }
  })
}

function isTypeOnly(clause: string): boolean {
  if (clause.startsWith('type ')) return true
  const names = /^\{([^}]*)\}$/
    .exec(clause)?.[1]
    ?.split(',')
    .map((name) => name.trim()) ?? ['']
  return names.filter((name) => name !== '').every((name) => name.startsWith('type ')) && clause.startsWith('{')
}

const doors = ['intake', 'teams', 'graph', 'http', 'store']
const inPlayground = (path: string) => path.startsWith('src/playground/')
/** Programs of their own for the terminal, beside index.ts. */
const tools = ['policy-check.ts']
const isTool = (path: string) => tools.some((name) => path === `src/${name}`)

/** `teams` for src/teams/cards/x.ts, `app.ts` for src/app.ts, null outside of src. */
function partOf(path: string): string | null {
  return /^src\/([^/]+)/.exec(path)?.[1]?.replace(/\.js$/, '.ts') ?? null
}

function importRule(name: string, isBreach: (each: Import, part: string) => boolean): Pick<Rule, 'name' | 'check'> {
  return {
    name,
    check: (given) => {
      const part = partOf(given.path)
      if (part === null) return []
      return importsOf(given)
        .filter((each) => isBreach(each, part))
        .map(({ from, to }) => `${from} imports ${to}`)
    }
  }
}

function textRule(name: string, pattern: RegExp, exempt: (path: string) => boolean): Pick<Rule, 'name' | 'check'> {
  return {
    name,
    check: ({ path, text }) =>
      partOf(path) === null || exempt(path)
        ? []
        : [...text.matchAll(pattern)].map(([what]) => `${path}: ${what.trim()}`)
  }
}

const owners: [packages: RegExp, part: string][] = [
  [/^(?:botbuilder|botframework-|@microsoft\/teams-ai|adaptivecards-templating|adaptive-expressions)/, 'teams'],
  [/^(?:@microsoft\/microsoft-graph-|@azure\/)/, 'graph'],
  [/^(?:kysely|libsql|@libsql\/|pg)(?:$|[-/])/, 'store'],
  [/^(?:express|jose)(?:$|\/)/, 'http'],
  [/^postal-mime(?:$|\/)/, 'intake']
]

const outside = /\bregistry\.[a-z0-9-]+\.[a-z]+|\bregistry\s*=\s*\S+|\.\.\/shared\b/g

export const rules: Rule[] = [
  {
    ...importRule('case/ imports only case/ and node:crypto', ({ to, relative }, part) =>
      part === 'case' ? !(relative ? partOf(to) === 'case' : to === 'node:crypto') : false
    ),
    breaches: [
      file('src/case/x.ts', "import { z } from 'zod'"),
      file('src/case/x.ts', "import { readFile } from 'node:fs/promises'"),
      file('src/case/x.ts', "import type { Clock } from '../clock.js'"),
      file('src/case/x.ts', "import {\n  a,\n  b\n} from '../teams/words.js'"),
      file('src/case/x.ts', "export { a } from '../store/schema.js'"),
      file('src/case/x.ts', "const a = await import('../store/schema.js')")
    ],
    allowed: [file('src/case/x.ts', "import { a } from './case.js'\nimport { createHash } from 'node:crypto'")]
  },
  {
    ...importRule('a package stays behind its door', ({ to, relative, typeOnly }, part) => {
      const owner = relative ? undefined : owners.find(([packages]) => packages.test(to))?.[1]
      if (owner === undefined || owner === part) return false
      return !(part === 'app.ts' && to === 'botframework-connector' && typeOnly)
    }),
    breaches: [
      file('src/graph/x.ts', "import { TurnContext } from 'botbuilder'"),
      file('src/http/x.ts', "import type { Activity } from 'botbuilder'"),
      file('src/http/x.ts', "import { Application } from '@microsoft/teams-ai'"),
      file('src/store/x.ts', "import { Template } from 'adaptivecards-templating'"),
      file('src/app.ts', "import { ConnectorClient } from 'botframework-connector'"),
      file('src/app.ts', "import { type A, ConnectorClient } from 'botframework-connector'"),
      file('src/config.ts', "import type { A } from 'botframework-connector'"),
      file('src/teams/x.ts', "import { Client } from '@microsoft/microsoft-graph-client'"),
      file('src/app.ts', "import type { TokenCredential } from '@azure/identity'"),
      file('src/app.ts', "import { Kysely } from 'kysely'"),
      file('src/teams/x.ts', "import Database from 'libsql'"),
      file('src/graph/x.ts', "import pg from 'pg'"),
      file('src/teams/x.ts', "import express from 'express'"),
      file('src/teams/x.ts', "import { jwtVerify } from 'jose'"),
      file('src/playground/x.ts', "import express from 'express'"),
      file('src/teams/x.ts', "import PostalMime from 'postal-mime'"),
      file('src/teams/x.ts', "import 'pg'"),
      file('src/teams/x.ts', "const pg = require('pg')")
    ],
    allowed: [
      file('src/app.ts', "import type { A } from 'botframework-connector'"),
      file('src/app.ts', "import { type A, type B } from 'botframework-connector'"),
      file('src/teams/x.ts', "import { TurnContext } from 'botbuilder'"),
      file('src/log.ts', "import { pino } from 'pino'")
    ]
  },
  {
    ...importRule(
      'doors see the domain and never each other; only app.ts sees them all',
      ({ to, relative, typeOnly }, part) => {
        const target = partOf(to)
        if (!relative || target === null || target === part || inPlayground(`src/${part}/`)) return false
        if (part === 'app.ts') return target === 'playground'
        if (part === 'work.ts') return !['case', 'intake', 'teams'].includes(target)
        // A program of its own: it reads what the store holds, and no other door.
        if (/^audit-[a-z]+\.ts$/.test(part)) return target !== 'store' && [...doors, 'playground'].includes(target)
        if (tools.includes(part)) return !['case', 'config.ts', 'policy-file.ts', 'clock.ts', 'graph'].includes(target)
        if (part === 'index.ts') return doors.includes(target) || target === 'playground'
        if (part === 'config.ts' && to === 'src/graph/credential.js') return !typeOnly
        if (part === 'config.ts' && ['src/http/loopback.js', 'src/store-settings.js'].includes(to)) return false
        if (part === 'policy-file.ts' && to === 'src/policy-time.js') return false
        if (part === 'teams') return !['case', 'intake', 'log.ts'].includes(target)
        if (doors.includes(part)) return !['case', 'log.ts'].includes(target)
        return target !== 'case'
      }
    ),
    breaches: [
      file('src/teams/x.ts', "import { a } from '../graph/remediate.js'"),
      file('src/teams/x.ts', "import type { A } from '../store/schema.js'"),
      file('src/teams/cards/x.ts', "import { a } from '../../http/server.js'"),
      file('src/http/x.ts', "import { a } from '../teams/words.js'"),
      file('src/graph/x.ts', "import { a } from '../intake/header-block.js'"),
      file('src/store/x.ts', "import { a } from '../graph/guid.js'"),
      file('src/intake/x.ts', "import { a } from '../teams/words.js'"),
      file('src/store/x.ts', "import { systemClock } from '../clock.js'"),
      file('src/graph/x.ts', "import type { Config } from '../config.js'"),
      file('src/http/x.ts', "import { a } from '../app.js'"),
      file('src/config.ts', "import { a } from './graph/credential.js'"),
      file('src/config.ts', "import type { A } from './graph/remediate.js'"),
      file('src/index.ts', "import { a } from './store/schema.js'"),
      file('src/audit-tool.ts', "import { a } from './teams/words.js'"),
      file('src/audit-export.ts', "import { a } from './graph/guid.js'"),
      file('src/policy-check.ts', "import { a } from './store/schema.js'"),
      file('src/app.ts', "import { a } from './playground/tenant.js'"),
      file('src/teams/x.ts', "import { a } from '../playground/tenant.js'"),
      file('src/clock.ts', "import { a } from './playground/tenant.js'")
    ],
    allowed: [
      file('src/app.ts', "import { a } from './graph/remediate.js'"),
      file('src/teams/x.ts', "import { a } from '../case/plan.js'\nimport { b } from '../intake/header-block.js'"),
      file('src/config.ts', "import type { A } from './graph/credential.js'"),
      file('src/audit-tool.ts', "import { a } from './store/audit-reader.js'"),
      file('src/playground/x.ts', "import { createApp } from '../app.js'")
    ]
  },
  {
    ...textRule(
      'one Clock: nothing else reads the time',
      /\bDate\.now\b|\bnew Date\(\s*\)|\bnew Date\b(?!\s*\()|(?<!new )\bDate\(/g,
      (path) => path === 'src/clock.ts' || inPlayground(path)
    ),
    breaches: [
      file('src/case/x.ts', 'const now = Date.now()'),
      file('src/teams/x.ts', 'const now = Date.now'),
      file('src/store/x.ts', 'const now = new Date()'),
      file('src/store/x.ts', 'const now = new Date( )'),
      file('src/index.ts', 'log(Date())')
    ],
    allowed: [file('src/teams/x.ts', 'new Date(at)\nDate.UTC(2026, 1)'), file('src/clock.ts', 'Date.now()')]
  },
  {
    ...textRule('nothing runs on an interval', /\bsetInterval\b/g, () => false),
    breaches: [file('src/store/x.ts', 'setInterval(poll, 1000)'), file('src/playground/x.ts', 'setInterval(poll, 1)')],
    allowed: [file('src/store/x.ts', 'setTimeout(poll, 1000)')]
  },
  {
    ...textRule(
      'only the playground and the tools print',
      /\bconsole\s*\.|\bprocess\.stdout\b/g,
      (path) => path === 'src/audit-tool.ts' || inPlayground(path) || isTool(path)
    ),
    breaches: [file('src/teams/x.ts', 'console.log(1)'), file('src/app.ts', 'console.error(1)')],
    allowed: [file('src/playground/demo.ts', 'console.log(1)')]
  },
  {
    ...textRule(
      'only a program reads the environment: index.ts and the tools',
      /\bprocess(?:\.env\b|\[)|\{[^}\n]*\benv\b[^}\n]*\}\s*=\s*process\b|import[^'"\n]*\benv\b[^'"\n]*from 'node:process'/g,
      (path) => path === 'src/index.ts' || path === 'src/audit-tool.ts' || isTool(path) || inPlayground(path)
    ),
    breaches: [
      file('src/config.ts', 'readConfig(process.env)'),
      file('src/teams/x.ts', "process['env']"),
      file('src/teams/x.ts', 'const { env } = process'),
      file('src/teams/x.ts', "import { env } from 'node:process'")
    ],
    allowed: [
      file('src/index.ts', 'process.env'),
      file('src/config.ts', 'NodeJS.ProcessEnv'),
      file('src/x.ts', 'process.exit(1)')
    ]
  },
  {
    name: 'a source file has at most 300 lines',
    check: ({ path, text }) => {
      const count = text.split('\n').length - 1
      return partOf(path) !== null && path.endsWith('.ts') && count > 300 ? [`${path} has ${String(count)} lines`] : []
    },
    breaches: [file('src/teams/x.ts', lines(301))],
    allowed: [file('src/teams/x.ts', lines(300))]
  },
  {
    name: 'a name says what a file is for, in kebab-case',
    check: ({ path }) => {
      const names = /^(?:src|test|bench|scripts)\//.test(path) && path.endsWith('.ts') ? path.split('/') : []
      const vague = /(?:^|[-.])(?:utils?|helpers?|common|managers?|services?|base|misc|lib)(?:[-.]|$)/
      const kebab = /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/
      return names.filter((name) => vague.test(name) || !kebab.test(name)).map((name) => `${path}: ${name}`)
    },
    breaches: [
      'src/teams/utils.ts',
      'src/helpers/x.ts',
      'src/common/x.ts',
      'src/case/case-manager.ts',
      'src/graph/graph-service.ts',
      'src/store/base.ts',
      'test/helper.ts',
      'src/teams/caseCard.ts',
      'src/teams/case_card.ts'
    ].map((path) => file(path, '')),
    allowed: [file('src/store/database.ts', ''), file('test/case/plan.test.ts', ''), file('src/http/based-on.ts', '')]
  },
  {
    name: 'a source file opens with what it is for',
    check: ({ path, text }) =>
      partOf(path) !== null && path.endsWith('.ts') && !/^(?:#!.*\n)?\/\/ .{20,}/.test(text) ? [path] : [],
    breaches: [file('src/teams/x.ts', "import { a } from './a.js'\n"), file('src/teams/x.ts', '// x\n')],
    allowed: [file('src/teams/x.ts', '// Decides where a message goes; never sends it.\n')]
  },
  {
    name: 'no file names a registry host or a place outside of the repository',
    check: ({ path, text }) => [...text.matchAll(outside)].map(([what]) => `${path}: ${what}`),
    breaches: [
      file('package-lock.json', `"resolved": "https://${'registry'}.npmjs.org/a"`),
      file('.npmrc', `registry${'='}http://mirror.example`),
      file('README.md', `see ..${'/shared'}/design.md`)
    ],
    allowed: [file('README.md', 'npm ci'), file('.npmrc', 'omit-lockfile-registry-resolved=true')]
  }
]
