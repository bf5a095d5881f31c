import type { offsetCommit } from '../protocol/api/08-offset-commit.ts'
import type { joinGroup } from '../protocol/api/11-join-group.ts'
import type { heartbeat } from '../protocol/api/12-heartbeat.ts'
import type { leaveGroup } from '../protocol/api/13-leave-group.ts'
import type { syncGroup } from '../protocol/api/14-sync-group.ts'
import type { txnOffsetCommit } from '../protocol/api/28-txn-offset-commit.ts'
import type { offsetDelete } from '../protocol/api/47-offset-delete.ts'
import type { consumerGroupHeartbeat } from '../protocol/api/68-consumer-group-heartbeat.ts'
import type { RequestOf, ResponseInput } from '../protocol/schema.ts'

/** Who sent a request. */
export interface Caller {
  readonly apiVersion: number
  /** Empty when the client gave none. */
  readonly clientId: string
  /** As Kafka writes it: a slash, then the address. */
  readonly clientHost: string
}

interface Request<Type extends string, Api> {
  readonly type: Type
  readonly request: RequestOf<Api>
  readonly caller: Caller
}

/** For requests that may bring a member its id: an id nobody has, Kafka's 22-character text. */
interface Fresh {
  readonly freshId: string
}

export type JoinGroupEvent = Request<'join-group', typeof joinGroup> & Fresh
export type SyncGroupEvent = Request<'sync-group', typeof syncGroup>
export type HeartbeatEvent = Request<'heartbeat', typeof heartbeat>
export type LeaveGroupEvent = Request<'leave-group', typeof leaveGroup>
export type ConsumerHeartbeatEvent = Request<
  'consumer-group-heartbeat',
  typeof consumerGroupHeartbeat
> &
  Fresh
export type OffsetCommitEvent = Request<'offset-commit', typeof offsetCommit>
/** Whether the group is part of the producer's transaction has been seen to. */
export type TxnOffsetCommitEvent = Request<'txn-offset-commit', typeof txnOffsetCommit>
export type OffsetDeleteEvent = Request<'offset-delete', typeof offsetDelete>
export interface DeleteGroupEvent {
  readonly type: 'delete-group'
  readonly groupId: string
}

/** What time brings to a classic group. */
export type ClassicTimeEvent =
  /** A member was silent for its session timeout. */
  | {
      readonly type: 'classic-session-expired'
      readonly groupId: string
      readonly memberId: string
    }
  /** An id was given out and its member did not come back with it. */
  | {
      readonly type: 'classic-pending-expired'
      readonly groupId: string
      readonly memberId: string
    }
  /** The first members of an empty group have been waited for, once more. */
  | {
      readonly type: 'classic-initial-delay-over'
      readonly groupId: string
      readonly generation: number
    }
  /** Members had their time to join again. */
  | {
      readonly type: 'classic-join-over'
      readonly groupId: string
      readonly generation: number
    }
  /** Members had their time to ask for their assignment. */
  | {
      readonly type: 'classic-sync-over'
      readonly groupId: string
      readonly generation: number
    }

/** What time brings to a consumer group. */
export type ConsumerTimeEvent =
  | {
      readonly type: 'consumer-session-expired'
      readonly groupId: string
      readonly memberId: string
    }
  /** A member had its rebalance timeout to give partitions up. */
  | {
      readonly type: 'consumer-revocation-over'
      readonly groupId: string
      readonly memberId: string
      readonly memberEpoch: number
    }
  /** A classic member of a consumer group did not join again, or did not sync, in time. */
  | {
      readonly type: 'consumer-classic-join-over'
      readonly groupId: string
      readonly memberId: string
    }
  | {
      readonly type: 'consumer-classic-sync-over'
      readonly groupId: string
      readonly memberId: string
    }

/** What concerns all groups of a partition. */
export type ShardEvent =
  /** Looks for offsets and groups that nobody needs any more; comes again by itself. */
  | {
      readonly type: 'expire'
      /** Goes on behind this group, where one look had more to do than one batch takes. */
      readonly after?: string
    }
  /** Topics came, went or grew. */
  | { readonly type: 'topics-changed'; readonly topics: ReadonlySet<string> }

export type GroupEvent =
  | JoinGroupEvent
  | SyncGroupEvent
  | HeartbeatEvent
  | LeaveGroupEvent
  | ConsumerHeartbeatEvent
  | OffsetCommitEvent
  | TxnOffsetCommitEvent
  | OffsetDeleteEvent
  | DeleteGroupEvent
  | ClassicTimeEvent
  | ConsumerTimeEvent
  | ShardEvent

/** What a caller is answered, by the type of its event. */
export interface GroupAnswers {
  readonly 'join-group': ResponseInput<typeof joinGroup>
  readonly 'sync-group': ResponseInput<typeof syncGroup>
  readonly heartbeat: ResponseInput<typeof heartbeat>
  readonly 'leave-group': ResponseInput<typeof leaveGroup>
  readonly 'consumer-group-heartbeat': ResponseInput<typeof consumerGroupHeartbeat>
  readonly 'offset-commit': ResponseInput<typeof offsetCommit>
  readonly 'txn-offset-commit': ResponseInput<typeof txnOffsetCommit>
  readonly 'offset-delete': ResponseInput<typeof offsetDelete>
  /** Empty: the group and its offsets are gone. */
  readonly 'delete-group': Readonly<Record<never, never>>
}
