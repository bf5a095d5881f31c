import type { BrokerConfig } from '../config/broker.ts'
import type { TopicConfig } from '../config/topic.ts'
import type { AppendRules } from '../records/validate.ts'

/**
 * What a topic's settings ask of every batch. A batch may become as large as a whole request when it
 * has to be decompressed, and no larger: the producer could not have sent it plain.
 */
export function appendRules(topic: string, config: TopicConfig, broker: BrokerConfig): AppendRules {
  return {
    topic,
    compacted: config['cleanup.policy'].includes('compact'),
    timestampType: config['message.timestamp.type'],
    timestampBeforeMaxMs: config['message.timestamp.before.max.ms'],
    timestampAfterMaxMs: config['message.timestamp.after.max.ms'],
    maxMessageBytes: config['max.message.bytes'],
    segmentBytes: config['segment.bytes'],
    compressionType: config['compression.type'],
    levels: {
      gzip: config['compression.gzip.level'],
      lz4: config['compression.lz4.level'],
      zstd: config['compression.zstd.level'],
    },
    trustsCompressed: broker['moldau.trust.compressed.batches'],
    maxDecompressedBytes: broker['socket.request.max.bytes'],
  }
}
