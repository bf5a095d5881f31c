/** The coordinators: state machines whose memory is a partition of an internal topic. This file is
 *  their centre, what the runtime asks of such a machine. */

/**
 * Names the caller of one event. A machine keeps tickets of callers that it will answer later (members
 * that wait for a rebalance); each is answered at most once.
 */
export type Ticket = number

/** Of events that nobody waits for: timers, news about the cluster. */
export const NO_TICKET: Ticket = 0

/** The moment at which something is decided. */
export interface Instant {
  /** Wall clock, ms since 1970: for what is stored. */
  readonly nowMs: number
  /** For deadlines and timers. */
  readonly monotonicMs: number
}

/** A record as it lies in the topic. Without a value it is a tombstone. */
export interface StoredRecord {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
}

/** Whose transaction a record belongs to. */
export interface ProducerOfRecord {
  readonly producerId: number
  readonly producerEpoch: number
}

/** What a decision brings about. The runtime carries out the effects of one event in order, and
 *  all or none of them. */
export type Effect<Rec, Note, Event> =
  /** Written, and applied at once. All records of one event go into one batch. */
  | { readonly type: 'append'; readonly record: Rec; readonly producer?: ProducerOfRecord }
  /** A change that no record tells: it is lost with the coordinator, which its protocol allows for. */
  | { readonly type: 'note'; readonly note: Note }
  /** Leaves once every record that was appended before it is committed. */
  | { readonly type: 'reply'; readonly to: Ticket; readonly answer: object }
  /** As `reply`, with an error: the caller's call rejects with it. */
  | { readonly type: 'refuse'; readonly to: Ticket; readonly error: Error }
  /** Decides `event` at `dueMs` (monotonic). Takes the place of the timer of that key, or, with
   *  `unlessRunning`, leaves that as it is. */
  | {
      readonly type: 'timer'
      readonly key: string
      readonly dueMs: number
      readonly event: Event
      readonly unlessRunning?: true
    }
  | { readonly type: 'cancel-timer'; readonly key: string }

/**
 * What the runtime drives: the state of one partition of an internal topic. Everything is synchronous,
 * without clock, randomness or I/O. The state is what `apply` made of the records, live as at loading,
 * and what `note` added to it.
 */
export interface Machine<Rec, Note, Event, World extends Instant> {
  /**
   * Decides what an event means. Changes nothing.
   * @param ticket of the caller, to be answered by a `reply` or `refuse` now or later.
   * @throws KafkaError to refuse the event as a whole.
   */
  decide(event: Event, ticket: Ticket, world: World): readonly Effect<Rec, Note, Event>[]
  /** Takes over a record. @param offset of the record, which need not be committed yet. */
  apply(record: Rec, offset: number, producer: ProducerOfRecord | undefined): void
  note(note: Note): void
  /** Takes over the end of a producer's transaction: a control record of the partition. */
  endTransaction(producer: ProducerOfRecord, isCommitted: boolean, offset: number): void
  encode(record: Rec): StoredRecord
  /** undefined for a record of a kind that this version does not know: it is left where it is.
   *  @throws KafkaError for bytes that are none. */
  decode(stored: StoredRecord): Rec | undefined
  /** Called once when everything stored has been applied: sets the timers of what is there. */
  loaded(world: World): readonly Effect<Rec, Note, Event>[]
}
