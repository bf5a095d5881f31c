/** Migration: groups that change between the classic and the consumer protocol while they live
 *  (KIP-848). The first member of the consumer protocol upgrades a group, the departure of the last one
 *  downgrades it, and in between members of both kinds share it. */

import type { BrokerConfig } from '../../config/broker.ts'

/** Whether a group of classic consumers may take in a member of the consumer protocol. */
export function mayUpgrade(broker: BrokerConfig): boolean {
  return ['upgrade', 'bidirectional'].includes(policyOf(broker))
}

/** Whether a group that only classic members are left in becomes a classic one again. */
export function mayDowngrade(broker: BrokerConfig): boolean {
  return ['downgrade', 'bidirectional'].includes(policyOf(broker))
}

/** Whether classic members may come to a group of the consumer protocol. */
export function mayMix(broker: BrokerConfig): boolean {
  return policyOf(broker) !== 'disabled'
}

function policyOf(broker: BrokerConfig): string {
  return broker['group.consumer.migration.policy'].toLowerCase()
}
