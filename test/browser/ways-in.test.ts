// The other ways in as a person tries them in the playground: a dropped file, an alert's order, and the message action.
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type Browser, chromium, type Page } from 'playwright-core'
import { rawMail } from '../../src/playground/tenant-reports.js'
import { MAIL, seedTenant } from '../../src/playground/tenant.js'
import { isRunning, type PlaygroundUnderTest, startPlayground } from './playground-under-test.js'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'

describe('the ways in, in the playground', () => {
  let playground: PlaygroundUnderTest
  let browser: Browser
  let page: Page
  let folder: string

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phish-triage-mails-'))
    const tenant = seedTenant(0)
    const mail = tenant.messages.find(({ networkMessageId }) => networkMessageId === MAIL.payslip)
    assert.ok(mail)
    await writeFile(join(folder, 'suspicious.eml'), rawMail(mail, tenant.tenantId))
    playground = await startPlayground()
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath, args: [...sandbox, '--disable-gpu', '--no-first-run'] })
    page = await browser.newPage({ viewport: { width: 1440, height: 1300 } })
    page.setDefaultTimeout(20_000)
    await page.route(/^https?:\/\/(?!127\.0\.0\.1[:/]|localhost[:/])/, (route) => route.abort())
    await page.goto(playground.address('Open'))
    await page.getByRole('treeitem', { name: 'Personal Chat' }).click()
  })

  after(async () => {
    await browser?.close()
    if (playground !== undefined && isRunning(playground.pid)) await playground.end('SIGTERM')
    await rm(folder, { recursive: true, force: true })
  })

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return
    await mkdir('artifacts', { recursive: true })
    await page?.screenshot({ path: 'artifacts/ways-in-failure.png' })
  })

  /** As `npm run playground:report` runs it, called from another folder. */
  const report = async (...given: string[]) => {
    const command = ['--import', 'tsx', 'src/playground/report.ts', ...given]
    const env = { ...process.env, INIT_CWD: folder }
    const { stdout } = await promisify(execFile)(process.execPath, command, { env })
    return stdout.trim()
  }

  it('a file that is handed to the running playground is answered in the personal chat and becomes a card', async () => {
    assert.equal(await report('suspicious.eml'), 'Dropped into the personal chat: suspicious.eml.')
    await page.getByText('Your report has arrived as PT-1001').waitFor()
    await page.getByRole('treeitem', { name: 'SOC alerts' }).click()
    const card = page.locator('.ac-adaptiveCard').filter({ hasText: 'PT-1001' })
    await card.getByText('November payslip: open before Friday').waitFor()
    await card.getByText('one mailbox is protected').or(card.getByText('ceo.office')).first().waitFor()
  })

  it('the message action reports a message through its dialog', async () => {
    await page.getByRole('treeitem', { name: 'Personal Chat' }).click()
    await page.getByRole('paragraph').filter({ hasText: 'I have your file' }).hover()
    await page.getByRole('button', { name: 'Show more information' }).first().click()
    await page.getByRole('menuitem', { name: 'Action Command' }).click()
    await page.getByPlaceholder('Input command id').fill('reportPhish')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByRole('button', { name: 'Report', exact: true }).click()
    await page.getByRole('dialog').getByText('Your report has arrived as PT-1002').waitFor()
  })

  it('a seeded report is raised, a wrong name is refused in words, and so is all of it when nothing runs', async () => {
    assert.match(await report('alert'), /^Defender has raised an alert.* The bot asks once a minute/)
    const refused = (pattern: RegExp) => (error: { code?: number; stderr?: string }) => {
      assert.equal(error.code, 1)
      assert.match(error.stderr ?? '', pattern)
      return true
    }
    await assert.rejects(report('no-such.eml'), refused(/^no-such\.eml cannot be read/))
    await playground.end('SIGTERM')
    await assert.rejects(report('alert'), refused(/^No playground runs\. Start it with "npm run playground"/))
  })
})
