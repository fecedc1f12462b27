// A SOC whose report sources are polled on a clock that a test moves, with a tenant that nobody has reported anything in yet.
import { type SocOptions, openSoc, priya, type Soc } from '../soc.js'
import type { Config } from '../../../src/config.js'
import { type SeededTenant, seedTenant } from '../../../src/playground/tenant.js'
import { TestClock } from '../../test-clock.js'

export interface PolledSoc extends Soc {
  time: TestClock
  /** As the seed has it: what a test reports, in the simulator's words. */
  seed: SeededTenant
  /** Lets so many minutes go by, one after the other, with what falls due in each. */
  pass(minutes?: number): Promise<void>
}

export const mailboxAddress = 'report-phish@contoso.example'

/** Everything on; Teams has been heard from, so that the bot knows where it is. */
export async function openPolledSoc(
  reportsFrom: Partial<Config['reportsFrom']>,
  options: Pick<SocOptions, 'log'> = {}
): Promise<PolledSoc> {
  const time = new TestClock(Date.UTC(2026, 10, 20, 9))
  const seed = seedTenant(time.now())
  const soc = await openSoc({
    ...options,
    clock: time,
    config: {
      reportsFrom: { messages: true, alerts: false, submissions: false, reviews: false, mailbox: '', ...reportsFrom }
    },
    tenant: (tenant) => {
      tenant.alerts = []
      tenant.submissions = []
      tenant.reportedMails = []
    }
  })
  await soc.say(priya, 'thanks', 'personal')
  await soc.settle()
  return Object.assign(soc, {
    time,
    seed,
    async pass(minutes = 1) {
      for (let minute = 0; minute < minutes; minute++) {
        time.advance(60_000)
        await soc.settle()
      }
    }
  })
}

/** Numbers of the cases whose cards stand in the channel. */
export function casesIn(soc: Soc): string[] {
  const names = soc.messages().flatMap(({ activity }) => /^PT-\d+/.exec(activity.summary ?? '')?.[0] ?? [])
  return [...new Set(names)].sort()
}
