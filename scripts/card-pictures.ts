// `npm run cards`: draws every state's card with the official renderer in headless Chromium, to docs/cards: light and dark, wide
// and 360 px. With names after it, only those. Shows invented mail only; reaches no network.
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Page, chromium } from 'playwright-core'
import { cardStates } from '../test/teams/card-states.js'
import { type ThemeName, hostConfig, styleSheet } from './card-theme.js'
import { smallPng } from './small-png.js'

const out = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'cards')
const sizes: [suffix: string, width: number][] = [
  ['', 620],
  ['-360', 360]
]
const themes: [suffix: string, theme: ThemeName][] = [
  ['', 'light'],
  ['-dark', 'dark']
]

async function draw(page: Page, width: number, theme: ThemeName, cards: object[]): Promise<Buffer> {
  await page.setViewportSize({ width, height: 200 })
  await page.evaluate(
    ({ cards, hostConfig }) => {
      const { AdaptiveCards, document } = globalThis as unknown as {
        AdaptiveCards: {
          AdaptiveCard: new () => { hostConfig: object; parse(c: object): void; render(): object }
          HostConfig: new (c: object) => object
        }
        document: {
          body: { replaceChildren(): void; append(e: object): void }
          createElement(tag: string): { className: string; append(e: object): void }
        }
      }
      document.body.replaceChildren()
      for (const json of cards) {
        const card = new AdaptiveCards.AdaptiveCard()
        card.hostConfig = new AdaptiveCards.HostConfig(hostConfig)
        card.parse(json)
        const frame = document.createElement('div')
        frame.className = 'card'
        frame.append(card.render())
        document.body.append(frame)
      }
    },
    { cards: cards.map(withMentions), hostConfig: hostConfig(theme) }
  )
  return smallPng(await page.screenshot({ fullPage: true }))
}

/** Teams shows a mention as the name. */
function withMentions(card: object): object {
  return JSON.parse(JSON.stringify(card).replace(/<at>(.*?)<\/at>/g, '@$1')) as object
}

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !(name in cardStates))
if (unknown.length > 0) {
  console.error(`No such card: ${unknown.join(', ')}. There are: ${Object.keys(cardStates).join(', ')}`)
  process.exit(1)
}
await mkdir(out, { recursive: true })
if (wanted.length === 0) {
  // A state that is gone leaves no picture behind.
  for (const name of await readdir(out)) if (name.endsWith('.png')) await rm(join(out, name))
}
const script = await readFile(createRequire(import.meta.url).resolve('adaptivecards/dist/adaptivecards.min.js'), 'utf8')
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--headless', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
})
try {
  for (const [themeSuffix, theme] of themes) {
    const page = await browser.newPage({ deviceScaleFactor: 1.5 })
    await page.setContent(`<!doctype html><meta charset="utf-8"><style>${styleSheet(theme)}</style><body>`)
    await page.addScriptTag({ content: script })
    for (const [name, cards] of Object.entries(cardStates)) {
      if (wanted.length > 0 && !wanted.includes(name)) continue
      for (const [sizeSuffix, width] of sizes) {
        await writeFile(join(out, `${name}${sizeSuffix}${themeSuffix}.png`), await draw(page, width, theme, cards))
      }
    }
    await page.close()
  }
} finally {
  await browser.close()
}
