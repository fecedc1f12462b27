// A Graph door towards a fresh simulator, for the tests of this folder. Holds no expectation.
import type { Clock } from '../../src/case/ports.js'
import { createGraphDoor, type GraphDoor, type GraphDoorSettings } from '../../src/graph/graph-door.js'
import { startGraphSimulator, type GraphSimulator } from '../../src/playground/graph-simulator/index.js'
import { seedTenant, TENANT_ID } from '../../src/playground/tenant.js'

export const NOW = Date.parse('2026-11-22T09:00:00Z')

export interface HandClock extends Clock {
  set(now: number): void
}

export function handClock(): HandClock {
  let now = NOW
  return { now: () => now, set: (to) => void (now = to), wake: () => () => undefined }
}

export interface SimulatedGraph {
  graph: GraphSimulator
  clock: HandClock
  door: GraphDoor
  /** Another door to the same simulator. */
  openDoor(changes: Partial<GraphDoorSettings>): GraphDoor
}

export async function simulatedGraph(): Promise<SimulatedGraph> {
  const clock = handClock()
  const graph = await startGraphSimulator({ tenant: seedTenant(NOW), clock, moveDelayMs: 0 })
  const openDoor = (changes: Partial<GraphDoorSettings>) =>
    createGraphDoor({
      baseUrl: graph.url,
      version: 'v1.0',
      auth: { kind: 'off' },
      tenantId: TENANT_ID,
      clock,
      ...changes
    })
  return { graph, clock, door: openDoor({}), openDoor }
}
