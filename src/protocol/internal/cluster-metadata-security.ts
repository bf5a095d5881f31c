/** `__cluster_metadata`: ACLs, credentials, tokens and quotas. */

import {
  array,
  bool,
  bytes,
  field,
  float64,
  int8,
  int32,
  int64,
  message,
  nullable,
  string,
  uuid,
} from '../schema.ts'

/** An ACL has been created. */
export const accessControlEntryRecord = message({
  key: 18,
  name: 'AccessControlEntryRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    id: field(uuid),
    /** 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
    resourceType: field(int8),
    resourceName: field(string),
    /** 3 literal, 4 prefixed. */
    patternType: field(int8),
    principal: field(string),
    host: field(string),
    /** 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10
     *  describe configs, 11 alter configs, 12 idempotent write, 13 create tokens, 14 describe
     *  tokens, 15 two-phase commit. */
    operation: field(int8),
    /** 2 deny, 3 allow. */
    permissionType: field(int8),
  },
})

/** An ACL has been deleted. */
export const removeAccessControlEntryRecord = message({
  key: 19,
  name: 'RemoveAccessControlEntryRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    id: field(uuid),
  },
})

/** A SCRAM credential has been set. */
export const userScramCredentialRecord = message({
  key: 11,
  name: 'UserScramCredentialRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
    mechanism: field(int8),
    salt: field(bytes),
    storedKey: field(bytes),
    serverKey: field(bytes),
    iterations: field(int32),
  },
})

/** A SCRAM credential has been deleted. */
export const removeUserScramCredentialRecord = message({
  key: 22,
  name: 'RemoveUserScramCredentialRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    /** 1: SCRAM-SHA-256, 2: SCRAM-SHA-512. */
    mechanism: field(int8),
  },
})

/** A delegation token has been created or prolonged. */
export const delegationTokenRecord = message({
  key: 10,
  name: 'DelegationTokenRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    owner: field(string),
    requester: field(string),
    renewers: field(array(string)),
    issueTimestamp: field(int64),
    maxTimestamp: field(int64),
    expirationTimestamp: field(int64),
    tokenId: field(string),
  },
})

/** A delegation token has been deleted. */
export const removeDelegationTokenRecord = message({
  key: 26,
  name: 'RemoveDelegationTokenRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    tokenId: field(string),
  },
})

/** A client quota has been set or removed. */
export const clientQuotaRecord = message({
  key: 14,
  name: 'ClientQuotaRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    entity: field(
      array({
        entityType: field(string),
        /** null: the default. */
        entityName: field(nullable(string)),
      }),
    ),
    key: field(string),
    /** Without meaning when removed. */
    value: field(float64),
    remove: field(bool),
  },
})
