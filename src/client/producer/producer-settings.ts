import { ConfigError } from '../../config/config-error.ts'
import type { Parsed } from '../../config/declare.ts'
import { idempotence, type ProducerConfig, type producerConfig } from '../../config/producer.ts'
import { type CompressionName, levelOf } from '../../records/compression/compression.ts'

/** What a producer goes by, in the form in which it is used. */
export interface ProducerSettings {
  readonly acks: -1 | 0 | 1
  readonly batchBytes: number
  readonly bufferBytes: number
  readonly lingerMs: number
  readonly maxBlockMs: number
  readonly maxRequestBytes: number
  readonly compression: CompressionName
  readonly level: number | undefined
  readonly deliveryTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly retries: number
  readonly maxInFlight: number
  readonly isIdempotent: boolean
  readonly isAdaptive: boolean
  readonly availabilityTimeoutMs: number
  readonly ignoresKeys: boolean
}

/** @throws ConfigError for keys that contradict one another, and for transactions, which are not
 *   offered. */
export function producerSettings(parsed: Parsed<typeof producerConfig.keys>): ProducerSettings {
  const { values, explicit } = parsed
  const { isIdempotent, problem } = idempotence(values, explicit)
  if (problem !== undefined) throw new ConfigError('enable.idempotence', 'true', '', problem)
  const id = values['transactional.id']
  if (id !== null) {
    const message = `transactional.id ${id}: this client does not offer transactions`
    throw new ConfigError('transactional.id', id, 'nothing', message)
  }
  const compression = values['compression.type']
  return {
    acks: acksOf(values),
    batchBytes: values['batch.size'],
    bufferBytes: values['buffer.memory'],
    lingerMs: values['linger.ms'],
    maxBlockMs: values['max.block.ms'],
    maxRequestBytes: values['max.request.size'],
    compression,
    level: levelFor(compression, values),
    deliveryTimeoutMs: values['delivery.timeout.ms'],
    requestTimeoutMs: values['request.timeout.ms'],
    retries: values.retries,
    maxInFlight: values['max.in.flight.requests.per.connection'],
    isIdempotent,
    isAdaptive: values['partitioner.adaptive.partitioning.enable'],
    availabilityTimeoutMs: values['partitioner.availability.timeout.ms'],
    ignoresKeys: values['partitioner.ignore.keys'],
  }
}

function acksOf({ acks }: ProducerConfig): -1 | 0 | 1 {
  if (acks === '0') return 0
  return acks === '1' ? 1 : -1
}

/** The level of the codec in use, on the scale of that codec. */
function levelFor(compression: CompressionName, values: ProducerConfig): number | undefined {
  const gzip = values['compression.gzip.level']
  return levelOf(compression, {
    ...(gzip !== -1 && { gzip }),
    lz4: values['compression.lz4.level'],
    zstd: values['compression.zstd.level'],
  })
}
