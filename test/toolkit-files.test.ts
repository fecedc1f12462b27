// Holds the toolkit's yml and env files and the policy's first version together; never asks for a file to stay as it
// ships, because provisioning and administrators write into them.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { parse } from 'yaml'
import { placeholdersIn } from '../scripts/package-app.js'

type Action = { uses: string; with?: Record<string, unknown>; writeToEnvironmentFile?: Record<string, string> }
type Toolkit = {
  version: string
  environmentFolderPath: string
  provision?: Action[]
  deploy?: Action[]
  publish?: Action[]
}

const environments = { dev: 'teamsapp.yml', local: 'teamsapp.local.yml', testtool: 'teamsapp.testtool.yml' }
const text = (path: string) => readFileSync(join(import.meta.dirname, '..', path), 'utf8')

describe('toolkit files', () => {
  for (const [environment, file] of Object.entries(environments)) {
    const toolkit = parse(text(file)) as Toolkit
    const actions = [...(toolkit.provision ?? []), ...(toolkit.deploy ?? []), ...(toolkit.publish ?? [])]
    const defined = parseEnv(text(`env/.env.${environment}`))

    it(`${file} names its schema version, its environment folder and known actions`, () => {
      const schema = `https://aka.ms/m365-agents-toolkits/${toolkit.version}/yaml.schema.json`
      assert.ok(text(file).startsWith(`# yaml-language-server: $schema=${schema}\n`))
      assert.match(toolkit.version, /^v\d+\.\d+$/)
      assert.equal(toolkit.environmentFolderPath, './env')
      assert.equal(defined.TEAMSFX_ENV, environment)
      assert.ok(actions.length > 0)
      for (const { uses } of actions) assert.match(uses, /^(teamsApp|aadApp|botFramework|cli|file)\/[a-zA-Z]+$/)
    })

    it(`${file} uses no variable that nobody sets`, () => {
      const written = actions.flatMap((action) => Object.values(action.writeToEnvironmentFile ?? {}))
      const zips = actions.some(({ uses }) => uses === 'teamsApp/zipAppPackage')
      const used = [...placeholdersIn(text(file)), ...(zips ? placeholdersIn(text('appPackage/manifest.json')) : [])]
      for (const name of used) {
        assert.ok(name in defined || written.includes(name), `${name}: not in env/.env.${environment} and not written`)
      }
      // What an action writes has its place in the committed file, except a secret, which goes to the ignored one.
      for (const name of written) assert.equal(name in defined, !name.startsWith('SECRET_'), name)
    })

    it(`env/.env.${environment} holds no secret`, () => {
      for (const [name, value] of Object.entries(defined)) {
        assert.doesNotMatch(name, /SECRET|PASSWORD|TOKEN|KEY/)
        // Ids, addresses and the environment's own name; a client secret or a key is none of these.
        assert.match(value ?? '', /^([0-9a-f-]{36}|https:\/\/[a-z0-9.-]+|[a-z]{0,12})$/i, name)
      }
    })
  }

  it('the env files that may hold secrets are ignored by git', () => {
    assert.match(text('.gitignore'), /^env\/\.env\.\*\.user$/m)
    assert.match(text('.gitignore'), /^\.localConfigs\*$/m)
  })

  it('provision and publish build, check and send one and the same package', () => {
    const { provision = [], publish = [] } = parse(text('teamsapp.yml')) as Toolkit
    const build = ['validateManifest', 'zipAppPackage', 'validateAppPackage', 'update']
    const names = (actions: Action[]) => actions.map(({ uses }) => uses.replace('teamsApp/', ''))
    assert.deepEqual(names(provision), ['create', ...build])
    assert.deepEqual(names(publish), [...build, 'publishAppPackage'])
    const zips = [...provision, ...publish].flatMap(
      ({ with: given }) => given?.outputZipPath ?? given?.appPackagePath ?? []
    )
    assert.deepEqual([...new Set(zips)], ['./appPackage/build/appPackage.${{TEAMSFX_ENV}}.zip'])
  })
})
