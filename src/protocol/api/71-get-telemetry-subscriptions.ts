import { api, array, bool, field, int8, int16, int32, string, uuid } from '../schema.ts'

/** GetTelemetrySubscriptions (71): tells a client which of its metrics the broker wants
 *  (KIP-714). */
export const getTelemetrySubscriptions = api({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: '0',
  flexible: '0+',
  request: {
    /** The zero uuid in the first request of a client. */
    clientInstanceId: field(uuid),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    /** Given to a client that had none, else the zero uuid. */
    clientInstanceId: field(uuid),
    /** A hash of the subscription: another one means that it has changed. */
    subscriptionId: field(int32),
    /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; by preference. */
    acceptedCompressionTypes: field(array(int8)),
    pushIntervalMs: field(int32),
    telemetryMaxBytes: field(int32),
    /** Counters tell their growth since the last push. */
    deltaTemporality: field(bool),
    /** Prefixes of names. Empty: none; one empty prefix: all. */
    requestedMetrics: field(array(string)),
  },
})
