import { xxh3 } from '../../kernel/xxh3.ts'
import type { ClusterImage, TopicImage } from '../../metadata/image.ts'

/** Goes first, for the day when topics are hashed otherwise. */
const FORMAT = 0

interface Known {
  readonly brokers: ClusterImage['brokers']
  readonly hash: bigint
}

/** A topic's hash stays while the topic and the brokers do; many groups ask for it. */
const known = new WeakMap<TopicImage, Known>()

/**
 * What the assignment of a group rests on, in one number, which is stored with the group (KIP-1101):
 * ids, names and partition counts of the topics it subscribes to, and the racks of their replicas.
 * The same number as Kafka 4.3 computes, so that a group taken over is not assigned anew; but where
 * racks are set, a broker that is down takes its rack out of it here, and not there.
 * @param topicNames those that do not exist count for nothing.
 * @returns an int64; 0 when none of the topics exists.
 */
export function metadataHash(topicNames: Iterable<string>, image: ClusterImage): bigint {
  const hashes: bigint[] = []
  for (const name of [...topicNames].toSorted(byUtf16)) {
    const topic = image.topics.get(name)
    if (topic !== undefined) hashes.push(topicHash(topic, image.brokers))
  }
  if (hashes.length === 0) return 0n
  return BigInt.asIntN(64, xxh3(new Uint8Array(BigUint64Array.from(hashes).buffer)))
}

function topicHash(topic: TopicImage, brokers: ClusterImage['brokers']): bigint {
  const before = known.get(topic)
  if (before?.brokers === brokers) return before.hash
  const hash = xxh3(bytesOf(topic, brokers))
  known.set(topic, { brokers, hash })
  return hash
}

/** Everything as hash4j's streams put it: little-endian, text as UTF-16 with its length behind it. */
function bytesOf(topic: TopicImage, brokers: ClusterImage['brokers']): Uint8Array {
  const id = Buffer.from(topic.id, 'base64url')
  const parts: Uint8Array[] = [
    Buffer.of(FORMAT),
    id.subarray(0, 8).toReversed(),
    id.subarray(8).toReversed(),
  ]
  parts.push(text(topic.name), int32(topic.partitions.length))
  for (const { index, replicas } of topic.partitions) {
    parts.push(int32(index))
    const racks = replicas.flatMap((broker) => brokers.get(broker)?.rack ?? [])
    for (const rack of racks.toSorted(byUtf16)) parts.push(int32(rack.length), text(rack))
  }
  return Buffer.concat(parts)
}

function text(value: string): Uint8Array {
  return Buffer.concat([Buffer.from(value, 'utf16le'), int32(value.length)])
}

function int32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

/** As Java orders strings. */
function byUtf16(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
