/** The topics in which the broker keeps its own state. Ordinary clients read but do not write them. */
export const CONSUMER_OFFSETS = '__consumer_offsets'
export const TRANSACTION_STATE = '__transaction_state'
export const SHARE_GROUP_STATE = '__share_group_state'

/** The log of Kafka's own controllers. Moldau has none, and no topic may take its name. */
export const CLUSTER_METADATA = '__cluster_metadata'

const internal: ReadonlySet<string> = new Set([
  CONSUMER_OFFSETS,
  TRANSACTION_STATE,
  SHARE_GROUP_STATE,
])

export function isInternalTopic(name: string): boolean {
  return internal.has(name)
}
