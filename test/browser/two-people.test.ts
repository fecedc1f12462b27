// What needs two people, with two people at the playground: the second chat's buttons count, and one request goes out.
import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { AcceptedRemediation } from '../../src/playground/graph-simulator/index.js'
import { MAIL } from '../../src/playground/tenant.js'
import { postToBot, threadOf } from './chat-page.js'
import { isRunning, type PlaygroundUnderTest, startPlayground } from './playground-under-test.js'

const executablePath = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const artifacts = 'artifacts'

describe('two people at the playground', () => {
  let playground: PlaygroundUnderTest
  let second: PlaygroundUnderTest
  let browser: Browser
  const pages: Page[] = []

  before(async () => {
    await mkdir(artifacts, { recursive: true })
    playground = await startPlayground()
    second = await startPlayground('node', ['--as', 'ana'])
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : []
    browser = await chromium.launch({ executablePath, args: [...sandbox, '--disable-gpu', '--no-first-run'] })
  })

  after(async () => {
    await browser?.close()
    for (const started of [second, playground]) {
      if (started !== undefined && isRunning(started.pid)) await started.end('SIGTERM')
    }
  })

  afterEach(async function () {
    if (this.currentTest?.state !== 'failed') return
    for (const [index, page] of pages.entries()) {
      await page.screenshot({ path: `${artifacts}/two-people-failure-${String(index)}.png` })
    }
  })

  async function sitDown(at: PlaygroundUnderTest): Promise<Page> {
    const page = await browser.newPage({ viewport: { width: 1440, height: 1300 } })
    pages.push(page)
    page.setDefaultTimeout(20_000)
    await page.route(/^https?:\/\/(?!127\.0\.0\.1[:/]|localhost[:/])/, (route) => route.abort())
    await page.goto(at.address('Open'))
    await page.getByRole('treeitem', { name: 'SOC alerts' }).click()
    return page
  }

  async function accepted(): Promise<AcceptedRemediation[]> {
    const response = await fetch(`${playground.address('Graph')}/_simulator/ledger`)
    return ((await response.json()) as { accepted: AcceptedRemediation[] }).accepted
  }

  it('approve a mail in 63 mailboxes together: the second brings the card over with `case`', async () => {
    const dana = await sitDown(playground)
    await postToBot(dana, `triage ${MAIL.allStaff}`)
    const card = dana.locator('.ac-adaptiveCard').filter({ hasText: 'PT-1001 · v1' })
    await card.getByText('2 approvals needed: 63 mailboxes').waitFor()
    await card.getByRole('textbox', { name: 'Reason' }).fill('sent by a stolen account')
    await card.getByRole('button', { name: 'Approve', exact: true }).click()
    await card.getByRole('heading', { name: 'Waiting for second approval' }).waitFor()
    await threadOf(dana, card).screenshot({ path: `${artifacts}/card-second-approval.png` })
    assert.deepEqual(await accepted(), [], 'one of two is not enough')

    const ana = await sitDown(second)
    await postToBot(ana, 'case PT-1001')
    const brought = ana.locator('.ac-adaptiveCard').filter({ hasText: 'Waiting for second approval' })
    await brought.getByRole('textbox', { name: 'Reason' }).fill('seen it too')
    await brought.getByRole('button', { name: 'Approve soft delete' }).click()
    await card.getByRole('heading', { name: 'Submitted' }).waitFor()
    const [remediation, ...others] = await accepted()
    assert.ok(remediation)
    assert.deepEqual(others, [])
    assert.match(remediation.body.description, /Dana Weber \([^)]*\) and Ana Silva/)
    await threadOf(dana, card).screenshot({ path: `${artifacts}/card-two-approved.png` })
  })

  it('end the second chat alone: the playground goes on', async () => {
    assert.equal(await second.end('SIGINT'), 0)
    assert.ok(isRunning(playground.pid))
    assert.equal((await fetch(`${playground.address('Bot')}/healthz`)).status, 200)
  })
})
