/** Replication: the leader of a partition, who has its records, and which of them are safe. */

/** What the rule looks at. Offsets are log ends: the offset the next record will get. */
export interface ReplicaEnds {
  readonly highWatermark: number
  /** Where this leader's log ends, counting only what may be acknowledged. */
  readonly leaderEndOffset: number
  /** The ends of the in-sync followers, as their last fetch reported them. */
  readonly followerEndOffsets: readonly number[]
  /** Members in the ISR, the leader included. */
  readonly isrSize: number
  /** `min.insync.replicas`, never more than the partition has replicas. */
  readonly effectiveMinIsr: number
}

/**
 * Where the high watermark may stand: the smallest end among the in-sync replicas. It never falls,
 * and it does not move while the ISR is below its minimum (KIP-966), so that what consumers have
 * seen survives the loss of any `minIsr - 1` of the replicas.
 */
export function nextHighWatermark(ends: ReplicaEnds): number {
  if (ends.isrSize < ends.effectiveMinIsr) return ends.highWatermark
  let smallest = ends.leaderEndOffset
  for (const end of ends.followerEndOffsets) if (end < smallest) smallest = end
  return Math.max(ends.highWatermark, smallest)
}
