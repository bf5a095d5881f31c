/** `__consumer_offsets`: committed offsets of every kind of group, and the groups of the classic
 *  protocol. The key begins with the number of its type, the value with its version
 *  (`stored.ts`). */

import { ZERO_UUID } from '../primitives.ts'
import {
  array,
  bytes,
  field,
  ignorable,
  int32,
  int64,
  message,
  nullable,
  string,
  tagged,
  uuid,
} from '../schema.ts'

/** Key of an offset as Kafka wrote it before 0.9. Read like `offsetCommitKey`. */
export const legacyOffsetCommitKey = message({
  key: 0,
  name: 'LegacyOffsetCommitKey',
  versions: '0',
  flexible: 'none',
  fields: {
    group: field(string),
    topic: field(string),
    partition: field(int32),
  },
})

/** Value of an offset as Kafka wrote it before 0.9. */
export const legacyOffsetCommitValue = message({
  key: 0,
  name: 'LegacyOffsetCommitValue',
  versions: '0',
  flexible: 'none',
  fields: {
    offset: field(int64),
    metadata: field(string),
    commitTimestamp: field(int64),
  },
})

/** Whose offset it is. A tombstone deletes the offset. */
export const offsetCommitKey = message({
  key: 1,
  name: 'OffsetCommitKey',
  versions: '0',
  flexible: 'none',
  fields: {
    group: field(string),
    topic: field(string),
    partition: field(int32),
  },
})

/** A committed offset.
 *  v1 adds expireTimestamp · v2 drops it again (KIP-211) · v3 adds leaderEpoch (KIP-320) · v4 is
 *  flexible and adds topicId. */
export const offsetCommitValue = message({
  key: 1,
  name: 'OffsetCommitValue',
  versions: '0-4',
  flexible: '4+',
  fields: {
    offset: field(int64),
    /** Of the last record consumed; -1: unknown. */
    leaderEpoch: field(int32, '3+', -1, ignorable),
    metadata: field(string),
    commitTimestamp: field(int64),
    /** Ms; -1: as the broker is configured. */
    expireTimestamp: field(int64, '1', -1, ignorable),
    topicId: tagged(0, uuid, '4+', ZERO_UUID, ignorable),
  },
})

/** A classic group. A tombstone deletes it. */
export const groupMetadataKey = message({
  key: 2,
  name: 'GroupMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    group: field(string),
  },
})

const memberMetadata = {
  memberId: field(string),
  groupInstanceId: field(nullable(string), '3+', null, ignorable),
  clientId: field(string),
  clientHost: field(string),
  rebalanceTimeout: field(int32, '1+', -1, ignorable),
  sessionTimeout: field(int32),
  subscription: field(bytes),
  assignment: field(bytes),
}

/** All of a classic group at the end of a rebalance.
 *  v1 adds rebalance timeouts · v2 adds currentStateTimestamp · v3 adds groupInstanceId
 *  (KIP-345) · v4 is flexible. */
export const groupMetadataValue = message({
  key: 2,
  name: 'GroupMetadataValue',
  versions: '0-4',
  flexible: '4+',
  fields: {
    protocolType: field(string),
    generation: field(int32),
    protocol: field(nullable(string)),
    leader: field(nullable(string)),
    /** Ms; when the group entered its state. Offsets expire from here on once it is empty. */
    currentStateTimestamp: field(int64, '2+', -1, ignorable),
    members: field(array(memberMetadata)),
  },
})
