// What remediate accepts, refuses and moves. Asks over HTTP only.
import assert from 'node:assert/strict'
import { MAX_COPIES_PER_CALL } from '../../../src/playground/graph-simulator/index.js'
import { MAIL, massMail, seedTenant } from '../../../src/playground/tenant.js'
import { EMAILS, NOW, REMEDIATE, copies, order, refused, simulatorUnderTest } from './simulator-under-test.js'

describe('the Graph simulator', () => {
  const simulator = simulatorUnderTest()
  const { ofMessage, post } = simulator

  describe('remediate', () => {
    for (const version of ['v1.0', 'beta']) {
      it(`answers 202, an empty body and the raw tracking link on ${version}`, async () => {
        const answer = await post(REMEDIATE, order(), version)
        const [accepted] = simulator.graph.ledger.accepted
        assert.ok(accepted)
        assert.equal(answer.status, 202)
        assert.equal(answer.headers.get('content-length'), '0')
        assert.equal(answer.headers.get('content-type'), 'application/json;text/plain')
        assert.equal(
          answer.headers.get('location'),
          `https://security.microsoft.com/action-center/history?filters={"bulkId":["${accepted.bulkId}"]}&tid=${simulator.graph.tenantId}`
        )
        assert.match(accepted.bulkId, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
        assert.equal(await answer.text(), '')
        assert.deepEqual(
          { ...accepted, bulkId: '' },
          { bulkId: '', version, body: order(), text: JSON.stringify(order()), at: NOW }
        )
      })
    }

    const refusedBodies: [string, unknown][] = [
      ["the contract sample's string for the Boolean", order({ remediateSendersCopy: 'false' })],
      ['an unknown action', order({ action: 'delete' })],
      ['unknownFutureValue', order({ action: 'unknownFutureValue' })],
      ['moveToQuarantine', order({ action: 'moveToQuarantine' })],
      ['an unknown severity', order({ severity: 'Medium' })],
      ['a number for a name', order({ displayName: 1042 })],
      ['a missing description', order({ description: undefined })],
      ['an unknown property', order({ approverUpn: 'dana@contoso.example' })],
      ['no emails', order({ analyzedEmails: [] })],
      ['too many emails', order({ analyzedEmails: Array(MAX_COPIES_PER_CALL + 1).fill(copies('ana.silva')[0]) })],
      ['an item by id', order({ analyzedEmails: [{ id: `${MAIL.mailboxFull}-1-1` }] })],
      ['an item without recipient', order({ analyzedEmails: [{ networkMessageId: MAIL.mailboxFull }] })],
      ['an item with more', order({ analyzedEmails: [{ ...copies('ana.silva')[0], subject: 'x' }] })],
      ['no GUID', order({ analyzedEmails: [{ ...copies('ana.silva')[0], networkMessageId: '1' }] })],
      ['a list', [order()]],
      ['no JSON', '{'],
      ['nothing', '']
    ]
    for (const [what, body] of refusedBodies) {
      it(`refuses ${what}`, async () => {
        await refused(post(REMEDIATE, body), 400, 'BadRequest')
        assert.deepEqual(simulator.graph.ledger.accepted, [])
      })
    }

    it('refuses another content type, a body over 4 MiB and another method', async () => {
      const url = `${simulator.graph.url}/v1.0${REMEDIATE}`
      await refused(fetch(url, { method: 'POST', body: JSON.stringify(order()) }), 400, 'RequestBodyRead')
      await refused(post(REMEDIATE, order({ description: 'x'.repeat(4 * 1024 * 1024) })), 413, 'RequestEntityTooLarge')
      await refused(fetch(url, { method: 'PUT' }), 405, 'Request_BadRequest')
      assert.deepEqual(simulator.graph.ledger.accepted, [])
    })

    it("takes the action's name with its namespace too, as the SDKs write it", async () => {
      assert.equal((await post(`${EMAILS}/microsoft.graph.security.remediate`, order())).status, 202)
    })

    const locationOf = async (mailbox: string) => {
      const copy = (await ofMessage(MAIL.mailboxFull)).find((email) =>
        email.recipientEmailAddress.startsWith(`${mailbox}@`)
      )
      assert.ok(copy)
      return { location: copy.latestDelivery.location, last: copy.timelineEvents.at(-1) }
    }

    for (const [action, location] of [
      ['softDelete', 'others'],
      ['hardDelete', 'others'],
      ['moveToJunk', 'junkFolder'],
      ['moveToDeletedItems', 'deletedFolder']
    ] as const) {
      it(`${action} moves the named copies to ${location} after the delay, not before`, async () => {
        await post(REMEDIATE, order({ action }))
        simulator.time = NOW + 999
        assert.equal((await locationOf('ana.silva')).location, 'inbox_folder')
        simulator.time = NOW + 5000
        const moved = await locationOf('ana.silva')
        assert.equal(moved.location, location)
        assert.deepEqual(
          [moved.last?.eventSource, moved.last?.eventResult, moved.last?.eventDateTime],
          ['admin', 'Success', '2026-11-22T02:41:01.000Z']
        )
        assert.equal((await locationOf('chen.li')).location, 'inbox_folder')
      })
    }

    const run = async (action: string, ...mailboxes: string[]) => {
      assert.equal((await post(REMEDIATE, order({ action, analyzedEmails: copies(...mailboxes) }))).status, 202)
      simulator.time += 1000
    }

    it('moves a soft-deleted copy back to the inbox, a hard-deleted one never', async () => {
      await run('softDelete', 'ana.silva')
      await run('hardDelete', 'chen.li')
      await run('moveToInbox', 'ana.silva', 'chen.li')
      assert.equal((await locationOf('ana.silva')).location, 'inbox_folder')
      const purged = await locationOf('chen.li')
      assert.deepEqual([purged.location, purged.last?.eventResult], ['others', 'Failure'])
    })

    it('purges a soft-deleted copy', async () => {
      await run('softDelete', 'ana.silva')
      await run('hardDelete', 'ana.silva')
      await run('moveToInbox', 'ana.silva')
      assert.equal((await locationOf('ana.silva')).location, 'others')
    })

    it('releases a quarantined copy, and does not file it', async () => {
      simulator.graph.zap(MAIL.mailboxFull, 'quarantine')
      assert.equal((await locationOf('ana.silva')).last?.eventType, 'zap')
      await run('moveToJunk', 'ana.silva')
      const kept = await locationOf('ana.silva')
      assert.deepEqual([kept.location, kept.last?.eventResult], ['quarantine', 'Failure'])
      await run('moveToInbox', 'ana.silva')
      const released = await locationOf('ana.silva')
      assert.deepEqual([released.location, released.last?.eventType], ['inbox_folder', 'quarantineRelease'])
    })

    it('says "already in destination" and leaves the copy', async () => {
      await run('moveToJunk', 'j.kim')
      const copy = await locationOf('j.kim')
      assert.deepEqual([copy.location, copy.last?.eventResult], ['junkFolder', 'Already in destination'])
    })

    for (const location of ['onprem_external', 'failed', 'dropped', 'unknown'] as const) {
      it(`cannot act on a copy that is ${location}`, async () => {
        simulator.graph.addMessage({
          ...massMail(0, { receivedAt: NOW, networkMessageId: MAIL.mailboxFull }),
          copies: [{ recipientEmailAddress: 'late@contoso.example', location }]
        })
        await run('softDelete', 'late')
        simulator.graph.zap(MAIL.mailboxFull, 'junkFolder')
        const copy = await locationOf('late')
        assert.deepEqual([copy.location, copy.last?.eventResult], [location, 'Failure'])
      })
    }

    it('accepts a copy that does not exist, as a queue would', () => run('softDelete', 'nobody'))
  })

  it('leaves the tenant that it was given alone', async () => {
    const tenant = seedTenant(NOW)
    await simulator.restart({ tenant, moveDelayMs: 0 })
    await post(REMEDIATE, order())
    assert.equal((await ofMessage(MAIL.mailboxFull))[0]?.latestDelivery.location, 'others')
    assert.deepEqual(tenant, seedTenant(NOW))
  })
})
