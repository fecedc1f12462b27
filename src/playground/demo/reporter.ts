// What the people see who report a mail: thanked at once, told once how it ended for their own copy, and nothing of anybody else.
import { MAIL } from '../tenant.js'
import { type Stage, type Story, ana, dana, hour, minute, priya, second, tom } from './stage.js'

const note = 'Two users typed their password'

export const reporter: Story = {
  about: 'Three people report the same mail; each hears once how it ended, in plain words.',
  async play(stage) {
    const { tell, check, graph } = stage
    await stage.say(priya, `report ${MAIL.mailboxFull} it asks for my password`, 'personal')
    tell('Phish Triage, to Priya alone', lastOf(stage, priya).lines)
    check(lastOf(stage, priya).words.includes('Thank you, your report has arrived'), 'she is thanked at once')

    await stage.say(ana, `report ${MAIL.mailboxFull}`, 'personal')
    await stage.say(tom, `report ${MAIL.mailboxFull}`, 'personal')
    await stage.say(priya, `report ${MAIL.mailboxFull} it came again`, 'personal')
    for (const who of [ana, tom]) {
      check(lastOf(stage, who).words.includes('Thank you'), `${who.name}, who reports the same, is thanked too`)
    }
    await stage.pass(minute, 'Reports of the same mail are put on the card together.')
    tell('Phish Triage, the card in the SOC channel', stage.card().lines)
    check(stage.card().words.includes('Priya Nair and 2 others'), 'three people and four reports stand on one card')

    const before = new Map([priya, ana, tom].map((who) => [who, stage.heardBy(who).length]))
    const since = (who: typeof priya) => stage.heardBy(who).slice(before.get(who))
    await stage.press(dana, 'Approve', { action: 'softDelete', severity: 'high', reason: note })
    check(graph.ledger.accepted.length === 1, 'Defender accepted one request')
    check(since(priya).length === 0, 'nobody is told anything before somebody has looked')

    await stage.pass(minute, 'A minute later the bot looks at the mailboxes.')
    await stage.pass(second, 'Reporters are told one after the other.')
    for (const who of [priya, ana]) {
      tell(`Phish Triage, to ${who.name} alone`, lastOf(stage, who).lines)
      check(
        lastOf(stage, who).words.includes('It was phishing, and it has been removed'),
        'from the own mailbox it is gone'
      )
    }
    tell('Phish Triage, to Tom Berg alone', lastOf(stage, tom).lines)
    check(lastOf(stage, tom).words.includes('It was phishing'), 'who never had a copy is told what it was')
    check(!lastOf(stage, tom).words.includes('removed'), 'and not that it was removed')

    await stage.pass(24 * hour, 'A day passes, with more looks.')
    for (const who of [priya, ana, tom]) {
      const [told, ...again] = since(who)
      check(told !== undefined && again.length === 0, `${who.name} was told once`)
      const others = [priya, ana, tom, dana].filter((each) => each !== who)
      const words = stage
        .heardBy(who)
        .map((each) => each.words)
        .join('\n')
      check(
        others.every(({ name }) => !words.includes(name)) &&
          !words.includes('contoso.example') &&
          !words.includes(note),
        `and has read no other name, no mailbox and no analyst's note`
      )
    }
  }
}

function lastOf(stage: Stage, who: typeof priya) {
  const [last] = stage.heardBy(who).slice(-1)
  return last ?? { words: '', lines: [] }
}
