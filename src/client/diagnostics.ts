import { channel } from 'node:diagnostics_channel'

/**
 * The hooks of the client, on Node's `diagnostics_channel`: subscribe to a channel by its name and be
 * told, synchronously, what happens. Nobody listening costs one test.
 */
export const diagnostics = {
  /** A connection was made or ended: `{ clientId, broker, error? }`. */
  connection: channel('moldau:client:connection'),
  /** A request was answered or failed: `{ clientId, broker, api, version, durationMs, error? }`. */
  request: channel('moldau:client:request'),
  /** An attempt failed and another follows: `{ clientId, api, attempt, waitMs, error }`. */
  retry: channel('moldau:client:retry'),
  /** New metadata: `{ clientId, brokers, topics }`, their numbers. */
  metadata: channel('moldau:client:metadata'),
  /** A batch of a producer was settled: `{ clientId, topic, partition, records, bytes, attempts, error? }`. */
  batch: channel('moldau:producer:batch'),
} as const

export type DiagnosticsChannel = (typeof diagnostics)[keyof typeof diagnostics]
