/** What `__consumer_offsets` may hold, whoever wrote it: records are taken over or refused. */
import type { StoredRecord } from '../../src/coordinator/machine.ts'
import { worldAt } from '../../src/group/classic/coordinator-for-test.ts'
import { fetchOffsets } from '../../src/group/offsets/fetch.ts'
import { GroupShard } from '../../src/group/shard.ts'
import type { Random } from '../../src/kernel/environment.ts'
import { KafkaError } from '../../src/protocol/errors.ts'
import { randomValue } from '../../src/protocol/fixtures-for-test.ts'
import * as classic from '../../src/protocol/internal/consumer-offsets-classic.ts'
import * as consumer from '../../src/protocol/internal/consumer-offsets-consumer.ts'
import type { Message } from '../../src/protocol/schema.ts'
import { encodeKey, encodeVersioned } from '../../src/protocol/stored.ts'
import { damage, type FuzzTarget } from './target.ts'

const kinds: readonly (readonly [key: Message, value: Message])[] = [
  [classic.legacyOffsetCommitKey, classic.legacyOffsetCommitValue],
  [classic.offsetCommitKey, classic.offsetCommitValue],
  [classic.groupMetadataKey, classic.groupMetadataValue],
  [consumer.consumerGroupMetadataKey, consumer.consumerGroupMetadataValue],
  [consumer.consumerGroupPartitionMetadataKey, consumer.consumerGroupPartitionMetadataValue],
  [consumer.consumerGroupMemberMetadataKey, consumer.consumerGroupMemberMetadataValue],
  [
    consumer.consumerGroupTargetAssignmentMetadataKey,
    consumer.consumerGroupTargetAssignmentMetadataValue,
  ],
  [
    consumer.consumerGroupTargetAssignmentMemberKey,
    consumer.consumerGroupTargetAssignmentMemberValue,
  ],
  [
    consumer.consumerGroupCurrentMemberAssignmentKey,
    consumer.consumerGroupCurrentMemberAssignmentValue,
  ],
  [consumer.consumerGroupRegularExpressionKey, consumer.consumerGroupRegularExpressionValue],
]
const GROUPS = ['g', 'h']
const MEMBERS = ['m', 'n']
const MOST_RECORDS = 12
/** One in so many records is a tombstone, is damaged, is in a transaction. */
const SOME = 6

/** A record about one of few groups and members, so that records have to do with each other. */
function anyRecord(random: Random): StoredRecord {
  const [keyMessage, valueMessage] = kinds[random.below(kinds.length)]!
  const name = GROUPS[random.below(GROUPS.length)]!
  const names = { group: name, groupId: name, memberId: MEMBERS[random.below(MEMBERS.length)]! }
  const own = Object.entries(names).filter(([field]) => field in keyMessage.fields)
  const named = { ...randomValue(random, keyMessage, 0), ...Object.fromEntries(own) }
  const key = encodeKey(keyMessage, named)
  if (random.below(SOME) === 0) return { key, value: null }
  const version = random.below(valueMessage.versions.to + 1)
  const value = encodeVersioned(valueMessage, version, randomValue(random, valueMessage, version))
  return random.below(SOME) === 0
    ? { key: damage(random, key), value: damage(random, value) }
    : { key, value }
}

const loading: FuzzTarget = {
  name: 'records of groups and offsets',
  run(random, bytes) {
    const shard = new GroupShard()
    let refusal: unknown
    for (let offset = 0; offset < 1 + random.below(MOST_RECORDS); offset++) {
      try {
        const record = shard.decode(anyRecord(random))
        const producer = { producerId: random.below(2), producerEpoch: 0 }
        const isPending = record?.type === 'offset' && random.below(SOME) === 0
        if (record !== undefined) shard.apply(record, offset, isPending ? producer : undefined)
        if (random.below(SOME) === 0) shard.endTransaction(producer, random.below(2) === 0)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        refusal = error
      }
    }
    const world = worldAt(0)
    shard.loaded(world)
    shard.decide({ type: 'expire' }, 0, world)
    shard.decide({ type: 'topics-changed', topics: new Set(['t']) }, 0, world)
    for (const groupId of GROUPS) {
      fetchOffsets(shard, {
        groupId,
        memberId: null,
        memberEpoch: -1,
        topics: null,
        requireStable: true,
      })
    }
    if (refusal !== undefined) throw refusal
    shard.decode({ key: bytes, value: null })
  },
}

export const groupTargets: readonly FuzzTarget[] = [loading]
