// Holds the Teams app package to what Teams and its administrators accept; needs no tenant and writes only into a copy.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { inflateSync } from 'node:zlib'
import draft04 from 'ajv-draft-04'
import { unzipSync } from 'fflate'
import { packageApp, PackageRefused } from '../scripts/package-app.js'

type Command = { title: string; description: string }
type Manifest = {
  $schema: string
  manifestVersion: string
  id: string
  version: string
  name: { short: string; full: string }
  description: { short: string; full: string }
  developer: Record<string, string>
  icons: { color: string; outline: string }
  validDomains: string[]
  webApplicationInfo: { id: string }
  bots: {
    botId: string
    scopes: string[]
    supportsFiles: boolean
    isNotificationOnly: boolean
    commandLists: { scopes: string[]; commands: Command[] }[]
  }[]
}

const root = join(import.meta.dirname, '..')
const ids = { TEAMS_APP_ID: '1f0c2c57-6a4f-4c80-8f8a-6f7f6a3c1d11', BOT_ID: '2a8b7a64-0a39-4a7f-9d0c-4a8b5a3c2e22' }
const zeros = '00000000-0000-0000-0000-000000000000'

describe('app package', () => {
  let copy: string
  // A copy, so that no test depends on, or writes into, the build folder and the ignored files of this checkout.
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'app-package-'))
    cpSync(join(root, 'appPackage'), join(copy, 'appPackage'), { recursive: true })
    // Not the committed file: who has provisioned has ids in it.
    cpSync(join(root, 'env', '.env.testtool'), join(copy, 'env', '.env.dev'))
  })
  afterEach(() => {
    rmSync(copy, { recursive: true })
  })

  const build = (variables: Record<string, string> = ids) => {
    const built = packageApp(copy, 'dev', variables)
    const files = unzipSync(readFileSync(built.path))
    const manifest = JSON.parse(Buffer.from(files['manifest.json'] ?? []).toString()) as Manifest
    return { ...built, files, manifest }
  }
  const refusal = (environment: string, variables: Record<string, string>) => {
    try {
      packageApp(copy, environment, variables)
    } catch (error) {
      if (error instanceof PackageRefused) return error.message
      throw error
    }
    return assert.fail('the package was built')
  }

  describe('zip', () => {
    it('holds the manifest and its two icons and nothing else', () => {
      assert.deepEqual(Object.keys(build().files).sort(), ['color.png', 'manifest.json', 'outline.png'])
      assert.ok(build().path.endsWith(join('appPackage', 'build', 'appPackage.dev.zip')))
    })

    it('has the same bytes twice, in any time zone', () => {
      const inZone = (zone: string) => {
        process.env.TZ = zone
        return readFileSync(build().path)
      }
      const before = process.env.TZ
      try {
        assert.ok(inZone('Pacific/Auckland').equals(inZone('America/Los_Angeles')))
      } finally {
        if (before === undefined) delete process.env.TZ
        else process.env.TZ = before
      }
    })

    it('carries the ids that were set, in every place', () => {
      const { manifest, standIns } = build()
      assert.equal(manifest.id, ids.TEAMS_APP_ID)
      assert.equal(manifest.bots[0]?.botId, ids.BOT_ID)
      assert.equal(manifest.webApplicationInfo.id, ids.BOT_ID)
      assert.deepEqual(standIns, [])
    })

    it('carries zeros where no id was set, and says so', () => {
      const { manifest, standIns } = build({})
      assert.deepEqual([manifest.id, manifest.bots[0]?.botId], [zeros, zeros])
      assert.deepEqual(standIns, ['TEAMS_APP_ID', 'BOT_ID'])
    })

    it('takes .env.<env>.user over .env.<env>, and the process environment over both', () => {
      const other = '3b9c8b75-1b40-4b80-8e1d-5b9c6b4d3f33'
      writeFileSync(join(copy, 'env', '.env.dev'), `BOT_ID=${other}\nTEAMS_APP_ID=${other}\n`)
      writeFileSync(join(copy, 'env', '.env.dev.user'), `BOT_ID=${zeros}\nTEAMS_APP_ID=\n`)
      assert.equal(build({}).manifest.id, other)
      assert.equal(build({}).manifest.bots[0]?.botId, zeros)
      assert.equal(build({ BOT_ID: ids.BOT_ID }).manifest.bots[0]?.botId, ids.BOT_ID)
    })

    it('keeps a value with a quote in it inside its string', () => {
      const path = join(copy, 'appPackage', 'manifest.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('Contoso Security Operations', '${{TEAM}}'))
      assert.equal(build({ ...ids, TEAM: 'the "blue" team' }).manifest.developer.name, 'the "blue" team')
    })

    it('refuses half a configuration, a bad id and an unknown environment, naming each', () => {
      const path = join(copy, 'appPackage', 'manifest.json')
      writeFileSync(path, readFileSync(path, 'utf8').replace('Contoso Security Operations', '${{TEAM}}'))
      assert.equal(
        refusal('dev', { BOT_ID: 'my-bot' }),
        'The app package was not built.\n  TEAMS_APP_ID is not set.\n  TEAM is not set.\n  BOT_ID is not a GUID.\n' +
          'Set them in env/.env.dev or in the process environment, then run this again.'
      )
      assert.match(refusal('dev', { ...ids, TEAM: '' }), /^ {2}TEAM is not set\.\nSet it in env\/\.env\.dev /m)
      assert.match(refusal('prod', ids), /env\/\.env\.prod does not exist/)
      assert.match(refusal('../dev', ids), /does not exist/)
    })
  })

  it('`npm run package` on a fresh clone makes a zip and says that it cannot be installed', async () => {
    for (const folder of ['scripts', 'package.json'])
      cpSync(join(root, folder), join(copy, folder), { recursive: true })
    const tsx = createRequire(import.meta.url).resolve('tsx')
    const env = { ...process.env, BOT_ID: '', TEAMS_APP_ID: '' }
    const fflate = join('node_modules', 'fflate')
    cpSync(join(root, fflate), join(copy, fflate), { recursive: true })
    const script = join(copy, 'scripts', 'package-app.ts')
    const { stdout } = await promisify(execFile)(process.execPath, ['--import', tsx, script], { env })
    assert.match(stdout, /^Built appPackage.build.appPackage\.dev\.zip$/m)
    assert.match(stdout, /^NOT INSTALLABLE: TEAMS_APP_ID and BOT_ID are not set/m)
  })

  describe('manifest', () => {
    it('is valid against the schema version that it names', () => {
      const { manifest } = build()
      const schema = join(`v${manifest.manifestVersion}`, 'MicrosoftTeams.schema.json')
      const folder = join(root, 'node_modules/@microsoft/app-manifest/build/json-schemas/teams')
      const ajv = new draft04.default({ strict: false, allErrors: true, formats: { uri: /^https?:\/\/[^\s]+$/ } })
      const validate = ajv.compile(JSON.parse(readFileSync(join(folder, schema), 'utf8')) as object)
      assert.ok(validate(manifest), ajv.errorsText(validate.errors))
      assert.ok(!validate({ ...manifest, id: 'x' }), 'the schema lets anything through')
      assert.ok(manifest.$schema.endsWith(`/teams/v${manifest.manifestVersion}/MicrosoftTeams.schema.json`))
    })

    it('keeps the naming and description rules of the store', () => {
      const { name, description, developer, version } = build().manifest
      assert.equal(name.short, 'Phish Triage')
      assert.doesNotMatch(
        `${name.short} ${name.full}`,
        /Teams|Microsoft|Defender|Outlook|Office|Entra|Azure|Copilot|\bapp\b/i
      )
      assert.ok(description.short.length <= 80)
      assert.match(description.short, /^[A-Z][^.!?]*\.$/, 'one sentence')
      assert.doesNotMatch(description.short, /\bapp\b/i)
      assert.ok(description.full.split(/\s+/).length <= 500)
      assert.doesNotMatch(description.full, /\b(MS|MSFT|O365|best|most|fastest|leading|ultimate)\b/)
      assert.ok(description.full.indexOf('Microsoft Teams') <= description.full.search(/\bTeams\b/))
      for (const part of [/^Limits: /m, /^Help: /m, /^Setup: /m]) assert.match(description.full, part)
      assert.ok((developer.name ?? '').length <= 32)
      for (const url of ['websiteUrl', 'privacyUrl', 'termsOfUseUrl']) assert.match(developer[url] ?? '', /^https:\/\//)
      assert.match(version, /^\d+\.\d+\.\d+$/)
    })

    it('declares a bot that listens in personal chats and teams and takes files', () => {
      const { bots, validDomains } = build().manifest
      assert.deepEqual(bots[0]?.scopes, ['personal', 'team'])
      assert.equal(bots[0].supportsFiles, true)
      assert.equal(bots[0].isNotificationOnly, false)
      assert.deepEqual(validDomains, [])
    })

    it('lists each command once, where it works', () => {
      const titles = (scope: string) => {
        const lists = build().manifest.bots[0]?.commandLists.filter(({ scopes }) => scopes.includes(scope)) ?? []
        assert.equal(lists.length, 1, `one list for ${scope}`)
        return lists.flatMap(({ commands }) => commands.map(({ title }) => title))
      }
      assert.deepEqual(titles('personal'), [
        'help',
        'report',
        'triage',
        'find',
        'case',
        'queue',
        'history',
        'stats',
        'whoami'
      ])
      // Decisions are typed in the SOC channel only.
      assert.deepEqual(titles('team'), [
        'help',
        'report',
        'triage',
        'find',
        'case',
        'queue',
        'history',
        'stats',
        'approve',
        'reject',
        'whoami'
      ])
      for (const scope of ['personal', 'team']) assert.ok(titles(scope).length <= 12)
      for (const title of [...titles('personal'), ...titles('team')]) assert.match(title, /^[a-z]{1,32}$/, 'no slash')
      for (const { commands } of build().manifest.bots[0]?.commandLists ?? []) {
        for (const { description } of commands) assert.ok(description.length > 0 && description.length <= 128)
      }
    })
  })

  describe('icons', () => {
    it('color.png is 192 × 192 on one solid background', () => {
      const { size, pixels } = readPng('appPackage/color.png')
      assert.deepEqual(size, [192, 192])
      assert.ok(pixels.every(([, , , alpha]) => alpha === 255))
      const edge = pixels.filter(
        (_, index) => index < 192 || index >= 191 * 192 || index % 192 === 0 || index % 192 === 191
      )
      assert.equal(new Set(edge.map(String)).size, 1)
      assert.ok(new Set(pixels.map(String)).size > 1, 'nothing is drawn')
    })

    it('outline.png is 32 × 32, white and transparent only, and reaches the edge', () => {
      const { size, pixels } = readPng('appPackage/outline.png')
      assert.deepEqual(size, [32, 32])
      assert.ok(pixels.every(([red, green, blue]) => red === 255 && green === 255 && blue === 255))
      assert.ok(pixels.some(([, , , alpha]) => alpha === 255) && pixels.some(([, , , alpha]) => alpha === 0))
      const inked = pixels.flatMap(([, , , alpha], index) => (alpha === 0 ? [] : [Math.floor(index / 32)]))
      assert.deepEqual([Math.min(...inked), Math.max(...inked)], [0, 31])
    })
  })
})

// Reads only what scripts/make-icons.ts writes: RGBA, one IDAT, rows without a filter. https://www.w3.org/TR/png-3/
function readPng(path: string) {
  const png = readFileSync(join(root, path))
  assert.equal(png.subarray(0, 8).toString('hex'), '89504e470d0a1a0a')
  assert.equal(png.toString('latin1', 12, 16), 'IHDR')
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)]
  assert.deepEqual([...png.subarray(24, 29)], [8, 6, 0, 0, 0])
  assert.equal(png.toString('latin1', 37, 41), 'IDAT')
  const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)))
  const pixels = Array.from({ length: width * height }, (_, index) => {
    const row = Math.floor(index / width) * (1 + width * 4)
    assert.equal(rows[row], 0, 'a row with a filter')
    return [...rows.subarray(row + 1 + (index % width) * 4).subarray(0, 4)]
  })
  return { size: [width, height], pixels }
}
