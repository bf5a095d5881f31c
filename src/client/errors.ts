/** What went wrong, as types: what an application can do about it is decided by the class, and every
 *  error says where it happened. */

import { type ErrorName, errors, KafkaError } from '../protocol/errors.ts'

/** Where a request failed: as much of it as is known. */
export interface Place {
  /** `host:port`, with the id where it is known: `10.0.0.1:9092 (broker 3)`. */
  readonly broker?: string | undefined
  /** Kafka's name of the API. */
  readonly api?: string | undefined
  readonly version?: number | undefined
  readonly topic?: string | undefined
  readonly partition?: number | undefined
}

/** What every error of the client has in common. By itself: the cluster refused what was asked, and
 *  will again, but the client goes on. */
export class ClientError extends Error {
  override readonly name: string = 'ClientError'
  /** Kafka's name of the error. */
  readonly error: ErrorName
  readonly place: Place
  /** What to do about it, in one sentence. */
  readonly advice: string

  constructor(error: ErrorName, detail: string, place: Place = {}, cause?: unknown) {
    const advice = adviceOn(error)
    super(`${whereabouts(place)}${error}: ${detail} ${advice}`.trim(), { cause })
    this.error = error
    this.place = place
    this.advice = advice
  }

  /** The int16 on the wire. */
  get code(): number {
    return errors[this.error].code
  }
}

/** The same may succeed later: the client tried until its time was over. */
export class RetriableError extends ClientError {
  override readonly name = 'RetriableError'
}

/** The transaction cannot be committed any more: abort it and begin again. */
export class AbortableError extends ClientError {
  override readonly name = 'AbortableError'
}

/** This client is of no more use: close it. */
export class FatalError extends ClientError {
  override readonly name = 'FatalError'
}

const FATAL: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'PRODUCER_FENCED',
  'FENCED_INSTANCE_ID',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'ILLEGAL_SASL_STATE',
  'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  'TRANSACTION_COORDINATOR_FENCED',
  'UNSUPPORTED_VERSION',
])

/** Makes the error of the right class. `detail` is the broker's sentence, or the table's. */
export function clientError(
  error: ErrorName,
  place: Place = {},
  detail: string | null = null,
  cause?: unknown,
): ClientError {
  const sentence = detail ?? errors[error].message
  if (FATAL.has(error)) return new FatalError(error, sentence, place, cause)
  if (error === 'TRANSACTION_ABORTABLE') return new AbortableError(error, sentence, place, cause)
  const Kind = errors[error].retriable ? RetriableError : ClientError
  return new Kind(error, sentence, place, cause)
}

/** What ends with a client that is closed. @param what it is, in a word. */
export function closedError(what = 'client'): FatalError {
  return new FatalError('BROKER_NOT_AVAILABLE', `this ${what} was closed.`)
}

/** An error of the layers below as one of the client, with what is known of the place. Other errors,
 *  such as the reason of a signal, stay as they are. */
export function inPlace(error: unknown, place: Place): unknown {
  if (!(error instanceof KafkaError)) return error
  return clientError(error.error, place, error.message, error)
}

/** Whether the same request may be tried again. */
export function isRetriable(error: unknown): error is RetriableError | KafkaError {
  return error instanceof RetriableError || (error instanceof KafkaError && error.retriable)
}

function whereabouts({ broker, api, version, topic, partition }: Place): string {
  const request = api === undefined ? '' : version === undefined ? api : `${api} v${version}`
  const asked = broker === undefined ? request : `${request || 'connection'} to ${broker}`
  const subject =
    topic === undefined ? '' : partition === undefined ? topic : `${topic}-${partition}`
  const parts = [subject, asked].filter((part) => part !== '')
  return parts.length === 0 ? '' : `${parts.join(', ')}: `
}

/** What to do, where more can be said than the error itself says. */
const advice: Partial<Record<ErrorName, string>> = {
  NETWORK_EXCEPTION:
    'Check that the advertised listeners of the brokers can be reached from this machine.',
  REQUEST_TIMED_OUT: 'Check the load of the broker, or allow more time (request.timeout.ms).',
  UNKNOWN_TOPIC_OR_PARTITION: 'Create the topic, or check its name and the number of partitions.',
  UNKNOWN_TOPIC_ID: 'The topic was deleted or made anew while the client worked with it.',
  LEADER_NOT_AVAILABLE: 'Wait until a replica of the partition is back.',
  NOT_ENOUGH_REPLICAS: 'Bring replicas back, or lower min.insync.replicas of the topic.',
  MESSAGE_TOO_LARGE: 'Send smaller records, or raise max.message.bytes of the topic.',
  RECORD_LIST_TOO_LARGE: 'Lower batch.size below segment.bytes of the topic.',
  INVALID_RECORD: 'The record breaks a rule of the topic: a compacted topic wants a key.',
  INVALID_TIMESTAMP: 'Compare the clock with message.timestamp.before.max.ms of the topic.',
  TOPIC_AUTHORIZATION_FAILED: 'Ask for the right on the topic.',
  GROUP_AUTHORIZATION_FAILED: 'Ask for the right on the group.',
  CLUSTER_AUTHORIZATION_FAILED: 'Ask for the right on the cluster.',
  UNSUPPORTED_VERSION: 'Use a broker of Kafka 2.8 or newer that offers this.',
  UNSUPPORTED_COMPRESSION_TYPE: 'Choose another compression.type.',
  PRODUCER_FENCED: 'Another producer has the same transactional.id: close this one.',
}

function adviceOn(error: ErrorName): string {
  return advice[error] ?? ''
}
