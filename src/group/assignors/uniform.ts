import type { Assignor } from './assignor.ts'
import { assignToEqualSubscriptions } from './uniform-equal.ts'
import { assignToMixedSubscriptions } from './uniform-mixed.ts'

/**
 * Gives every member as many partitions as any other, within one where that is possible, and moves as
 * few as it can. The default of KIP-848 groups. Racks count for nothing, as in Kafka 4.3.
 */
export const uniform: Assignor = {
  name: 'uniform',
  assign(input) {
    if (input.members.size === 0) return new Map()
    return input.isHomogeneous
      ? assignToEqualSubscriptions(input)
      : assignToMixedSubscriptions(input)
  },
}
