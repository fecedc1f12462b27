// Runs as a process of its own, for NODE_EXTRA_CA_CERTS is read at its start: one Graph door with a real credential.
// Prints what it was answered as one line of JSON. Holds no expectation.
import type { CredentialSettings } from '../../src/graph/credential.js'
import { createGraphDoor } from '../../src/graph/graph-door.js'
import { MAIL, PEOPLE, TENANT_ID } from '../../src/playground/tenant.js'
import { handClock } from './simulated-graph.js'

const { baseUrl, credential } = JSON.parse(process.argv[2] ?? '') as { baseUrl: string; credential: CredentialSettings }
const door = createGraphDoor({
  baseUrl,
  version: 'v1.0',
  auth: { kind: 'on', credential },
  tenantId: TENANT_ID,
  clock: handClock(),
  // The rights' own deadline would measure the speed of the test machine.
  deadlines: { rights: 20_000 }
})
const outcome = await door.remediation.submit({
  displayName: 'PT-1 softDelete',
  description: 'test',
  severity: 'low',
  action: 'softDelete',
  remediateSendersCopy: false,
  copies: [{ networkMessageId: MAIL.payslip, recipientEmailAddress: 'ana.silva@contoso.example' }]
})
const look = await door.search.byNetworkMessageId(MAIL.payslip)
const rights = await door.directory.rightsOf(PEOPLE.ana, [])
process.stdout.write(JSON.stringify({ outcome, look: look.kind, rights: rights.kind }))
