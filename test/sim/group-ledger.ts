import { Violation } from './violation.ts'

/** A partition that a member was given, until it gives it up or learns that it has lost it. */
export interface Claim {
  readonly place: string
  /** The member id: whoever comes back under another one is somebody else. */
  readonly holder: string
  epoch: number
  /** When somebody else was told to have the partition; undefined: nobody was. */
  takenAtMs: number | undefined
}

export interface GroupOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /** Silence after which a member is put out. */
  readonly sessionTimeoutMs: number
  /** Its members speak both protocols: when it is empty, it begins anew in the one that comes first, and
   *  its epochs with it. */
  readonly isMixed: boolean
  readonly now: () => number
}

/**
 * What the members of one group together know of it: who has what, and how far they are. A member may
 * not know yet that it was put out, so two may believe to have a partition; but then in different
 * epochs, and whatever the older one asks for from then on must be refused.
 */
export class GroupLedger {
  readonly groupId: string
  /** The topics its members read: place names are `topic-index`. */
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
  readonly #isMixed: boolean
  readonly #now: () => number
  readonly #claims = new Map<string, Claim>()
  /** Who was given each partition in each epoch. */
  readonly #given = new Map<string, string>()
  readonly #asked = new Map<string, number>()
  readonly #committed = new Map<string, number>()

  constructor({ groupId, topics, sessionTimeoutMs, isMixed, now }: GroupOptions) {
    this.groupId = groupId
    this.topics = topics
    this.sessionTimeoutMs = sessionTimeoutMs
    this.#isMixed = isMixed
    this.#now = now
  }

  /** The partitions that somebody has now. */
  get held(): readonly Claim[] {
    return [...this.#claims.values()]
  }

  /** A member was told that it has a partition. @throws Violation when another was, in this epoch. */
  hold(holder: string, place: string, epoch: number): Claim {
    this.#give(holder, place, epoch)
    const before = this.#claims.get(place)
    if (before !== undefined) before.takenAtMs = this.#now()
    const claim: Claim = { place, holder, epoch, takenAtMs: undefined }
    this.#claims.set(place, claim)
    return claim
  }

  /**
   * The coordinator said to a holder that all is well.
   * @param askedAtMs when the holder asked.
   * @throws Violation when it had given the partition to somebody else by then.
   */
  confirm(claim: Claim, epoch: number, askedAtMs: number): void {
    if (claim.takenAtMs !== undefined && claim.takenAtMs < askedAtMs) {
      const now = this.#claims.get(claim.place)
      throw new Violation(
        `${claim.holder} is told to have ${claim.place} of ${this.groupId} in epoch ${epoch}, ` +
          `which ${now?.holder ?? 'somebody else'} was given in epoch ${now?.epoch}`,
      )
    }
    if (epoch === claim.epoch || claim.takenAtMs !== undefined) return
    this.#give(claim.holder, claim.place, epoch)
    claim.epoch = epoch
  }

  /** A member has given a partition up, or has ended. */
  release(claim: Claim): void {
    if (this.#claims.get(claim.place) === claim) this.#claims.delete(claim.place)
  }

  /** The next offset to commit: larger than all before, whoever asked for them. */
  nextOffset(place: string): number {
    const next = (this.#asked.get(place) ?? 0) + 1
    this.#asked.set(place, next)
    return next
  }

  /** An offset was said to be committed. */
  acknowledged(place: string, offset: number): void {
    this.#committed.set(place, Math.max(offset, this.committed(place)))
  }

  /** The largest offset that was said to be committed. */
  committed(place: string): number {
    return this.#committed.get(place) ?? 0
  }

  /**
   * A committed offset was told.
   * @param atLeast what had been committed when it was asked for.
   * @throws Violation when it is less, or was never committed.
   */
  fetched(place: string, offset: number, atLeast: number): void {
    const asked = this.#asked.get(place) ?? 0
    if (offset >= atLeast && offset <= asked) return
    throw new Violation(
      `${place} of ${this.groupId}: ${offset} is told, ${atLeast} was committed, ${asked} asked for`,
    )
  }

  #give(holder: string, place: string, epoch: number): void {
    if (this.#isMixed) return
    const key = `${place}@${epoch}`
    const other = this.#given.get(key) ?? holder
    if (other !== holder) {
      throw new Violation(
        `${place} of ${this.groupId} belongs to ${other} and to ${holder} in epoch ${epoch}`,
      )
    }
    this.#given.set(key, holder)
  }
}
