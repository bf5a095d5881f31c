/** What all members of one test did, by one clock, and the verdicts on it. */

import assert from 'node:assert/strict'
import { waitFor } from '../support.ts'
import {
  type MemberEvent,
  monotonicMs,
  nameOf,
  type Place,
  type TakenRecord,
  type Tell,
} from './member.ts'

/** So many of the last events are shown when a test fails. */
const shownEvents = 150

interface Heard {
  readonly member: string
  readonly event: MemberEvent
}

export class Ledger {
  readonly #heard: Heard[] = []
  readonly #holdings = new Map<string, Set<string>>()
  readonly #taken = new Map<string, Set<number>>()
  readonly #committed = new Map<string, number>()

  /** Where a member of this name tells what it does. */
  tell(member: string): Tell {
    this.#holdings.set(member, new Set())
    return (event) => {
      this.#heard.push({ member, event })
      this.#follow(member, event)
    }
  }

  /** A member's process is gone: it owns nothing from now on. */
  gone(member: string): void {
    const places = [...this.holdings(member)].map(placeOf)
    this.tell(member)({ type: 'lost', places, atMs: monotonicMs() })
  }

  /** The partitions that a member has now. */
  holdings(member: string): ReadonlySet<string> {
    return this.#holdings.get(member) ?? new Set()
  }

  /** All events of one kind of a member, by the order in which it told them. */
  told<T extends MemberEvent['type']>(
    member: string,
    type: T,
  ): readonly Extract<MemberEvent, { type: T }>[] {
    return this.#heard.flatMap(({ member: who, event }) =>
      // The filter proves the type, which the compiler cannot follow.
      who === member && event.type === type ? [event as Extract<MemberEvent, { type: T }>] : [],
    )
  }

  /** The records that one member took, in order. */
  records(member: string): readonly TakenRecord[] {
    return this.told(member, 'records').flatMap((event) => event.records)
  }

  /** How many different records of a partition anybody took. */
  takenCount(place: string): number {
    return this.#taken.get(place)?.size ?? 0
  }

  /** How many different records anybody took. */
  get total(): number {
    return [...this.#taken.values()].reduce((sum, offsets) => sum + offsets.size, 0)
  }

  /** The highest acknowledged commit of a partition. */
  committed(place: string): number | undefined {
    return this.#committed.get(place)
  }

  /** Waits for something that the members do; a failure shows their story. */
  async until(
    what: string,
    limitMs: number,
    probe: () => boolean | Promise<boolean>,
  ): Promise<void> {
    await waitFor(what, limitMs, probe, () => this.story())
  }

  /** Waits until the members named share all partitions, each of them having its equal part. */
  async untilShared(members: readonly string[], places: number, limitMs: number): Promise<void> {
    const least = Math.floor(places / members.length)
    await this.until(`${members.length} members to share ${places} partitions`, limitMs, () => {
      const sizes = members.map((m) => this.holdings(m).size)
      return sizes.every((s) => s >= least) && sizes.reduce((a, b) => a + b, 0) === places
    })
  }

  /** Every record before the end of its partition was taken. */
  assertAllTaken(ends: ReadonlyMap<string, number>): void {
    for (const [place, end] of ends) {
      const taken = this.#taken.get(place) ?? new Set()
      const missing = Array.from({ length: end }, (_, i) => i).filter((i) => !taken.has(i))
      if (missing.length > 0) this.#fail(`${place} ends at ${end}, nobody took ${missing}`)
    }
  }

  /** Every record was taken once, those of a partition in their order, whoever had it. */
  assertEachOnceInOrder(ends: ReadonlyMap<string, number>): void {
    const seen = new Map<string, number>()
    for (const { member, event } of this.#byTime())
      for (const r of event.type === 'records' ? event.records : []) {
        const place = nameOf(r.topic, r.partition)
        const next = seen.get(place) ?? 0
        if (r.offset !== next) this.#fail(`${member} took ${place}@${r.offset} instead of ${next}`)
        seen.set(place, next + 1)
      }
    for (const [place, end] of ends) assert.equal(seen.get(place) ?? 0, end, place)
  }

  /** No partition had two owners at the same time, and nobody got one that it had. */
  assertOneOwner(): void {
    const owners = new Map<string, string>()
    for (const { member, event } of this.#byTime()) {
      if (event.type === 'assigned')
        for (const [topic, partition] of event.places) {
          const place = nameOf(topic, partition)
          const owner = owners.get(place)
          if (owner !== undefined) this.#fail(`${place} of ${owner} went to ${member} too`)
          owners.set(place, member)
        }
      if (event.type === 'revoked' || event.type === 'lost')
        for (const [topic, partition] of event.places) owners.delete(nameOf(topic, partition))
    }
  }

  /** No member had to stop. */
  assertNoFailure(): void {
    const failures = this.#heard.filter(({ event }) => event.type === 'failed')
    assert.deepEqual(failures, [], this.story())
  }

  /** What happened; of records only how far they went, and all of it only to the end. */
  story(): string {
    const begin = this.#heard[0]?.event.atMs ?? 0
    const lines: string[] = []
    let last: Heard | undefined
    for (const heard of this.#byTime()) {
      const { member, event } = heard
      const goesOn = event.type === 'records' && last?.event.type === 'records'
      if (goesOn && last?.member === member) lines.pop()
      lines.push(
        `${(event.atMs - begin).toFixed(0).padStart(6)} ms ${member} ${event.type} ${detailOf(event)}`,
      )
      last = heard
    }
    return lines.slice(-shownEvents).join('\n')
  }

  #fail(what: string): never {
    assert.fail(`${what}\n${this.story()}`)
  }

  #byTime(): Heard[] {
    return this.#heard.toSorted((a, b) => a.event.atMs - b.event.atMs)
  }

  #follow(member: string, event: MemberEvent): void {
    const held = this.#holdings.get(member) ?? new Set()
    switch (event.type) {
      case 'assigned':
        for (const [topic, partition] of event.places) held.add(nameOf(topic, partition))
        break
      case 'revoked':
      case 'lost':
        for (const [topic, partition] of event.places) held.delete(nameOf(topic, partition))
        break
      case 'records':
        for (const r of event.records) this.#takenOf(nameOf(r.topic, r.partition)).add(r.offset)
        break
      case 'committed':
        for (const [topic, partition, offset] of event.offsets) {
          const place = nameOf(topic, partition)
          this.#committed.set(place, Math.max(offset, this.#committed.get(place) ?? 0))
        }
        break
      case 'failed':
    }
  }

  #takenOf(place: string): Set<number> {
    const offsets = this.#taken.get(place) ?? new Set<number>()
    this.#taken.set(place, offsets)
    return offsets
  }
}

function detailOf(event: MemberEvent): string {
  switch (event.type) {
    case 'records': {
      const counts = Map.groupBy(event.records, (r) => nameOf(r.topic, r.partition))
      const ranges = [...counts].map(([p, rs]) => `${p}: ${rs[0]?.offset}-${rs.at(-1)?.offset}`)
      return ranges.join(' ')
    }
    case 'committed':
      return event.offsets.map(([topic, p, offset]) => `${nameOf(topic, p)}@${offset}`).join(' ')
    case 'failed':
      return event.error
    default:
      return event.places.map(([topic, p]) => nameOf(topic, p)).join(' ')
  }
}

function placeOf(name: string): Place {
  const at = name.lastIndexOf('-')
  return [name.slice(0, at), Number(name.slice(at + 1))]
}
