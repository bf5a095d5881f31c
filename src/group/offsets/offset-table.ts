/** A committed offset. */
export interface CommittedOffset {
  readonly offset: number
  /** Of the last record consumed; -1: unknown. */
  readonly leaderEpoch: number
  readonly metadata: string
  readonly commitTimestampMs: number
  /** When it expires by the wish of an old client (OffsetCommit v2 to v4); -1: as the broker is
   *  configured. */
  readonly expireTimestampMs: number
  /** Zero: unknown. */
  readonly topicId: string
}
