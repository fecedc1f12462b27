// The main job as a person does it, in a real browser on the real Agents Playground: triage, card, approve, tracking link.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import type { Server } from 'node:net'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import type { AcceptedRemediation } from '../../src/playground/graph-simulator/index.js'
import { MAIL, TENANT_ID } from '../../src/playground/tenant.js'
import { choose, postToBot, threadOf } from './chat-page.js'
import { isRunning, occupy, type PlaygroundUnderTest, startPlayground } from './playground-under-test.js'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const artifacts = 'artifacts'

describe('the playground, in a browser', () => {
  let held: Server[] = []
  let playground: PlaygroundUnderTest
  let browser: Browser
  let context: BrowserContext
  let page: Page

  before(async () => {
    assert.ok(
      existsSync(executablePath),
      `No Chromium at ${executablePath}. Install it (Debian: apt-get install chromium) or set CHROMIUM_PATH.`
    )
    await mkdir(artifacts, { recursive: true })
    held = await Promise.all([occupy(3978), occupy(56150)])
    playground = await startPlayground()
    browser = await chromium.launch({
      executablePath,
      args: [
        // Chromium's sandbox does not start for root, which is who runs in most containers.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run'
      ]
    })
    // Narrower, and clicks are caught by its side panels.
    context = await browser.newContext({ viewport: { width: 1440, height: 1300 } })
    // Nothing of this test leaves the machine; the portal's pages are answered here.
    await context.route(/^https?:\/\/(?!127\.0\.0\.1[:/]|localhost[:/])/, (route) =>
      route.fulfill({ contentType: 'text/html', body: '<h1>The Defender portal</h1>' })
    )
    page = await context.newPage()
    page.setDefaultTimeout(20_000)
  })

  after(async () => {
    for (const server of held) server.close()
    await browser?.close()
    if (playground !== undefined && isRunning(playground.pid)) await playground.end('SIGTERM')
  })

  afterEach(async function () {
    if (this.currentTest?.state === 'failed') await page?.screenshot({ path: `${artifacts}/failure.png` })
  })

  it('says aloud which ports it uses instead of busy ones', () => {
    assert.match(playground.terminal(), /^Port 3978 is busy: the bot uses \d+\.$/m)
    assert.match(playground.terminal(), /^Port 56150 is busy: the chat uses \d+\.$/m)
    assert.notEqual(new URL(playground.address('Bot')).port, '3978')
    assert.notEqual(new URL(playground.address('Open')).port, '56150')
  })

  it('goes from triage through an approval to one remediate and its tracking link', async () => {
    await page.goto(playground.address('Open'))
    await page.getByRole('treeitem', { name: 'SOC alerts' }).click()
    await postToBot(page, `triage ${MAIL.mailboxFull}`)

    const card = page.locator('.ac-adaptiveCard').filter({ hasText: 'PT-1001 · v1' })
    await card.getByRole('button', { name: 'Approve' }).waitFor()
    const thread = threadOf(page, card)
    await thread.screenshot({ path: `${artifacts}/card-awaiting.png` })
    assert.deepEqual(await accepted(), [], 'nothing is sent before somebody approves')

    await choose(page, card.getByRole('combobox', { name: 'Action' }), 'Move to deleted items (can be undone)')
    await choose(page, card.getByRole('combobox', { name: 'Severity' }), 'High')
    await card.getByRole('button', { name: 'Approve' }).click()
    await card.getByText('Say why in a few words.').waitFor()
    assert.deepEqual(await accepted(), [], 'an approval without a reason is none')

    await card.getByRole('textbox', { name: 'Reason' }).fill('password page confirmed')
    await card.getByRole('button', { name: 'Approve' }).click()
    await card.getByRole('heading', { name: 'Submitted' }).waitFor()
    const reply = thread.locator('.ac-adaptiveCard').filter({ hasText: 'PT-1001 submitted' })
    const link = reply.getByRole('link', { name: 'Track in Action Center' })
    await link.waitFor()
    await thread.screenshot({ path: `${artifacts}/card-submitted.png` })
    assert.equal(await card.getByRole('button', { name: 'Approve' }).count(), 0, 'a decided card cannot be approved')

    const [remediation, ...others] = await accepted()
    assert.ok(remediation)
    assert.deepEqual(others, [])
    assert.equal(remediation.version, 'v1.0')
    assert.equal(remediation.body.action, 'moveToDeletedItems')
    assert.equal(remediation.body.severity, 'high')
    assert.equal(remediation.body.remediateSendersCopy, false)
    assert.equal(remediation.body.analyzedEmails.length, 11, 'twelve copies, of which one cannot be acted on')
    assert.match(remediation.body.description, /password page confirmed/)

    const [portal] = await Promise.all([context.waitForEvent('page'), link.click()])
    await portal.waitForURL(/action-center/)
    const filters = `%7B%22bulkId%22%3A%5B%22${remediation.bulkId}%22%5D%7D`
    assert.equal(
      portal.url(),
      `https://security.microsoft.com/action-center/history?filters=${filters}&tid=${TENANT_ID}`
    )
  })

  it('ends on Ctrl-C and leaves no process behind', async () => {
    const pids = playground.pids()
    assert.equal(pids.length, 3, 'the playground, the bot and the chat')
    assert.equal(await playground.end('SIGINT'), 0)
    assert.deepEqual(pids.filter(isRunning), [])
    assert.match(playground.terminal(), /Everything has ended\.\n$/)
  })

  async function accepted(): Promise<AcceptedRemediation[]> {
    const response = await fetch(`${playground.address('Graph')}/_simulator/ledger`)
    return ((await response.json()) as { accepted: AcceptedRemediation[] }).accepted
  }
})
