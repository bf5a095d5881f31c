import { type JoinAnswer, stableGroup, type TestCoordinator } from './coordinator-for-test.ts'
import type { ClassicPhase } from './group.ts'

/** Every phase, for tables that the compiler keeps complete. */
export type PerPhase<Row> = Readonly<Record<ClassicPhase, Row>>

/** A group of two dynamic members, brought into a phase by what clients do. */
export interface Scene {
  readonly coordinator: TestCoordinator
  /** In phase `empty` an id from when it had members. */
  readonly leader: string
  readonly follower: string
  readonly generation: number
}

export function rowsOf<Row>(table: PerPhase<Row>): readonly [ClassicPhase, Row][] {
  // Object.entries forgets that the keys of a record are its key type.
  return Object.entries(table) as [ClassicPhase, Row][]
}

/** In `preparing-rebalance` the follower has joined anew and the leader is waited for; in
 *  `completing-rebalance` both have joined and neither has synced. */
export function sceneIn(phase: ClassicPhase): Scene {
  const { coordinator, memberIds } = stableGroup([{}, {}])
  const leader = coordinator.group!.leaderId!
  const follower = memberIds.find((memberId) => memberId !== leader)!
  switch (phase) {
    case 'stable':
      break
    case 'dead':
      coordinator.group = { ...coordinator.group!, phase: 'dead' }
      break
    case 'empty':
      coordinator.leave([{ memberId: leader }, { memberId: follower }])
      break
    case 'preparing-rebalance':
    case 'completing-rebalance': {
      const ticket = coordinator.join({ memberId: follower, protocols: { range: 'new topics' } })
      if (phase === 'preparing-rebalance') break
      coordinator.join({ memberId: leader })
      if (coordinator.answer<JoinAnswer>(ticket) === undefined) throw new Error('still waits')
    }
  }
  return { coordinator, leader, follower, generation: coordinator.group!.generation }
}
