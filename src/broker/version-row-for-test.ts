import type { Api, RequestInput } from '../protocol/schema.ts'

/** A member that a group has, as requests name it. */
export interface Membership {
  readonly groupId: string
  readonly memberId: string
}

/** What the requests talk about: `t` with one record and an idempotent producer, `nil` that is not
 *  there. Requests that write do so to topics and groups of their own, named by `next`. */
export interface World {
  readonly topicId: string
  readonly next: () => string
  /** The only member of a classic group in generation 1, made for this name. */
  readonly memberOf: (groupId: string) => Membership
}

/** Requests of one API about what is there and what is not. */
export interface VersionRow {
  readonly api: Api
  /** Requests that this version can carry, in the order they are sent. Of the first one something
   *  has to succeed. */
  readonly requests: (version: number, world: World) => readonly unknown[]
}

/** Its type holds the requests to the API. */
export const row = <A extends Api>(
  api: A,
  requests: (version: number, world: World) => readonly RequestInput<A>[],
): VersionRow => ({ api, requests })

export const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAZQ'
export const NAMES = ['t', 'nil', 'a b']
