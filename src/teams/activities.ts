// The two kinds of message the bot sends: a card with a summary for the lock screen, and plain words of its own.
import { type Activity, CardFactory } from 'botbuilder'

/** @param summary our own words only: phones show it on the lock screen. */
export function cardActivity(card: object, summary: string): Partial<Activity> {
  return { type: 'message', summary, attachments: [CardFactory.adaptiveCard(card)] }
}

export function plainActivity(text: string): Partial<Activity> {
  return { type: 'message', text, textFormat: 'markdown' }
}
