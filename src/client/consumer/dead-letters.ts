/** What becomes of a record that its handler could not handle. Kafka itself has nothing for this: the
 *  names of the headers are ours, and everything needed to put a record back is in them. */

import type { RecordHeader } from '../../records/cursor.ts'
import type { LogRecord } from '../../records/records.ts'
import type { TopicPartition } from './topic-partition.ts'

/** How failures of a handler are met. */
export interface RetryPolicy {
  /** Times a record is handled in place before something else is done with it; at least 1. */
  readonly attempts: number
  /** Waits between attempts in place: the first, doubled with each failure up to the bound. */
  readonly backoff: { readonly firstMs: number; readonly maxMs: number }
  /** Topics that a record goes through after that, each with how long it rests there. */
  readonly retryTopics: readonly { readonly topic: string; readonly delayMs: number }[]
  /** Where it ends. undefined: the failure ends the consumer, and nothing is passed over. */
  readonly deadLetterTopic: string | undefined
}

/** A record on its way to another topic. */
export interface Forwarded {
  readonly topic: string
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

export type Remedy =
  | { readonly type: 'again'; readonly waitMs: number }
  /** It is done here once the other topic has it. */
  | { readonly type: 'forward'; readonly record: Forwarded }
  | { readonly type: 'fail' }

/** Names of the headers. Times are ms since 1970, all numbers are decimal text. */
export const deadLetterHeaders = {
  /** Where the record came from first. */
  topic: 'moldau.origin.topic',
  partition: 'moldau.origin.partition',
  offset: 'moldau.origin.offset',
  timestamp: 'moldau.origin.timestamp',
  /** The group whose handler failed. */
  group: 'moldau.retry.group',
  /** Failures so far, in all topics. */
  failures: 'moldau.retry.failures',
  /** Not to be handled before; only on the way through retry topics. */
  notBefore: 'moldau.retry.not-before',
  /** What the last failure was. */
  errorName: 'moldau.error.name',
  errorMessage: 'moldau.error.message',
  errorStack: 'moldau.error.stack',
} as const

type HeaderName = keyof typeof deadLetterHeaders

/** The most of a message or a stack that goes into a header, in UTF-16 units. */
const MAX_TEXT = 8_192
const OWN_NAMES: ReadonlySet<string> = new Set(Object.values(deadLetterHeaders))

/** One failure. */
export interface Failure {
  readonly from: TopicPartition
  readonly record: LogRecord
  /** Times it was handled in place now, this one included; from 1. */
  readonly attempt: number
  readonly error: unknown
  readonly groupId: string
  /** The wall clock. */
  readonly nowMs: number
}

/**
 * What to do about a failure: another attempt in place, then each retry topic in turn, then the
 * dead-letter topic. A record that comes from a retry topic goes on to the one after it.
 */
export function remedyOf(policy: RetryPolicy, failure: Failure): Remedy {
  const { attempt, from } = failure
  if (attempt < policy.attempts) {
    const { firstMs, maxMs } = policy.backoff
    return { type: 'again', waitMs: Math.min(firstMs * 2 ** (attempt - 1), maxMs) }
  }
  const stage = policy.retryTopics.findIndex(({ topic }) => topic === from.topic)
  const next = policy.retryTopics[stage + 1]
  if (next !== undefined) {
    const notBeforeMs = failure.nowMs + next.delayMs
    return { type: 'forward', record: forwarded(next.topic, failure, notBeforeMs) }
  }
  if (policy.deadLetterTopic === undefined) return { type: 'fail' }
  return { type: 'forward', record: forwarded(policy.deadLetterTopic, failure, undefined) }
}

/** When a record may be handled, on the wall clock; 0 when at once. */
export function notBeforeMs({ headers }: LogRecord): number {
  const ms = Number(textOf(headers, 'notBefore') ?? 0)
  return Number.isSafeInteger(ms) && ms > 0 ? ms : 0
}

/** The same key and value, with the application's headers and what is told of the failure. */
function forwarded(topic: string, failure: Failure, notBefore: number | undefined): Forwarded {
  const { record, from, error, groupId, attempt } = failure
  const { key, value, headers } = record
  const before = Number(textOf(headers, 'failures') ?? 0)
  const told: Record<HeaderName, string | undefined> = {
    topic: textOf(headers, 'topic') ?? from.topic,
    partition: textOf(headers, 'partition') ?? `${from.partition}`,
    offset: textOf(headers, 'offset') ?? `${record.offset}`,
    timestamp: textOf(headers, 'timestamp') ?? `${record.timestamp}`,
    group: groupId,
    failures: `${(Number.isSafeInteger(before) ? before : 0) + attempt}`,
    notBefore: notBefore === undefined ? undefined : `${notBefore}`,
    errorName: error instanceof Error ? error.name : typeof error,
    errorMessage: (error instanceof Error ? error.message : String(error)).slice(0, MAX_TEXT),
    errorStack: error instanceof Error ? error.stack?.slice(0, MAX_TEXT) : undefined,
  }
  const kept = headers.filter((header) => !OWN_NAMES.has(header.key))
  const own = Object.entries(deadLetterHeaders).flatMap(([name, key]) => {
    // The entries of an object have its keys.
    const text = told[name as HeaderName]
    return text === undefined ? [] : [{ key, value: utf8.encode(text) }]
  })
  return { topic, key, value, headers: [...kept, ...own] }
}

const utf8 = new TextEncoder()
const utf8Text = new TextDecoder()

function textOf(headers: readonly RecordHeader[], name: HeaderName): string | undefined {
  const value = headers.findLast(({ key }) => key === deadLetterHeaders[name])?.value
  return value == null ? undefined : utf8Text.decode(value)
}
