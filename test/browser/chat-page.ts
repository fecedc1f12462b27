// What a person does on the Agents Playground's page. Holds no expectation.
import type { Locator, Page } from 'playwright-core'

/** Only a mention picked from the list is one; typed letters are not. */
export async function postToBot(page: Page, words: string): Promise<void> {
  const button = page.getByRole('button', { name: 'Post', exact: true })
  const composer = page.getByRole('group').filter({ has: button }).first()
  await composer.getByRole('textbox').click()
  await page.keyboard.type('@')
  await page.getByRole('menuitem', { name: /Phish Triage/ }).click()
  await page.keyboard.type(` ${words}`)
  await button.click()
}

export async function choose(page: Page, list: Locator, option: string): Promise<void> {
  await list.click()
  await page.getByRole('option', { name: option, exact: true }).click()
}

/** The post with its replies. */
export function threadOf(page: Page, card: Locator): Locator {
  return page.getByRole('group').filter({ has: card }).last()
}
