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

export const offsetCommitValue = message({
  key: 1,
  name: 'OffsetCommitValue',
  versions: '0-4',
  flexible: '4+',
  fields: {
    offset: field(int64),
    leaderEpoch: field(int32, '3+', -1, ignorable),
    metadata: field(string),
    commitTimestamp: field(int64),
    expireTimestamp: field(int64, '1', -1, ignorable),
    topicId: tagged(0, uuid, '4+', ZERO_UUID, ignorable),
  },
})

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
    currentStateTimestamp: field(int64, '2+', -1, ignorable),
    members: field(array(memberMetadata)),
  },
})
