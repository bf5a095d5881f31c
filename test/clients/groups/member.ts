/** What the tests of groups need of a consumer, whatever its library or language: it joins, it tells what
 *  it does, and it does as it is told. Adapters are in `drivers/` and, for other languages, in `../real`. */

/** A partition as it travels between processes. */
export type Place = readonly [topic: string, partition: number]

/** A record as a member took it, bytes as text in base64. */
export interface TakenRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: readonly (readonly [name: string, value: string | null])[]
}

/** What a member tells. Each is told before the member goes on, so `revoked` comes before the
 *  coordinator knows, and `assigned` after. */
export type MemberNews =
  | { readonly type: 'assigned'; readonly places: readonly Place[] }
  /** Given up in order. */
  | { readonly type: 'revoked'; readonly places: readonly Place[] }
  /** Found to be somebody else's: nothing could be done about it any more. */
  | { readonly type: 'lost'; readonly places: readonly Place[] }
  | { readonly type: 'records'; readonly records: readonly TakenRecord[] }
  /** Acknowledged by the coordinator; `offset` is that of the next record to take. */
  | {
      readonly type: 'committed'
      readonly offsets: readonly (readonly [topic: string, partition: number, offset: number])[]
    }
  /** The member cannot go on, or says that it has been shut out. */
  | { readonly type: 'failed'; readonly error: string }

/** `atMs` is the machine's monotonic clock, the same in every process. */
export type MemberEvent = MemberNews & { readonly atMs: number }

/** Tells one thing, stamped by the adapter's clock. */
export type Tell = (event: MemberEvent) => void

/** When a member commits: as its library does by itself, after every batch and before it gives
 *  partitions up, or when it is told to. */
export type Commits = 'automatic' | 'always' | 'by-hand'

export interface MemberOptions {
  readonly groupId: string
  /** Names, or one pattern that begins with `^`. */
  readonly topics: readonly string[]
  readonly commits: Commits
  /** Where to begin without a committed offset; `none` is an error then. */
  readonly reset: 'earliest' | 'latest' | 'none'
  /** Makes it a static member (KIP-345). */
  readonly instanceId?: string
  /** Gives up only what moves (KIP-429). Always so in the consumer protocol. */
  readonly cooperative?: boolean
  /** Classic protocol only. Absent: 10 s. */
  readonly sessionTimeoutMs?: number
}

/** One consumer in a group. */
export interface Member {
  /** Commits everything it has told so far. */
  commit(): Promise<void>
  pause(topic: string, partition: number): Promise<void>
  resume(topic: string, partition: number): Promise<void>
  seek(topic: string, partition: number, offset: number): Promise<void>
  /** Leaves the group in order, committing first unless by hand. */
  close(): Promise<void>
}

/** Begins to consume; does not wait for an assignment. */
export type OpenMember = (bootstrap: string, options: MemberOptions, tell: Tell) => Promise<Member>

/** What a library can do. A test asks only for what its client has. */
export interface MemberTraits {
  readonly name: string
  readonly protocol: 'classic' | 'consumer'
  /** `once`: looks for topics that fit when it subscribes, and never again. */
  readonly patterns: false | 'once' | 'followed'
  /** Single partitions. */
  readonly pauses: boolean
  readonly seeks: boolean
  readonly statics: boolean
  /** How a static member can go and come back while its place is kept. */
  readonly returns: false | 'after-close' | 'after-kill'
  /** Stops when it is told that another has its static id. */
  readonly yields: boolean
  /** Goes on with what it keeps while a rebalance lasts. */
  readonly cooperative: boolean
  /** Knows `reset: 'none'`. */
  readonly refusesReset: boolean
  /** Hands no partition over before all that it took of it is told and committed. */
  readonly exact: boolean
  /** Tells of gains and losses of partitions as they happen. */
  readonly tellsOwners: boolean
}

/** The machine's monotonic clock in ms, as every process on it reads it. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6

/** A partition as the key of a map. */
export const nameOf = (topic: string, partition: number): string => `${topic}-${partition}`
