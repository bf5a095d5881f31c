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

export const accessControlEntryRecord = message({
  key: 18,
  name: 'AccessControlEntryRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    id: field(uuid),
    resourceType: field(int8),
    resourceName: field(string),
    patternType: field(int8),
    principal: field(string),
    host: field(string),
    operation: field(int8),
    permissionType: field(int8),
  },
})

export const removeAccessControlEntryRecord = message({
  key: 19,
  name: 'RemoveAccessControlEntryRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    id: field(uuid),
  },
})

export const userScramCredentialRecord = message({
  key: 11,
  name: 'UserScramCredentialRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    mechanism: field(int8),
    salt: field(bytes),
    storedKey: field(bytes),
    serverKey: field(bytes),
    iterations: field(int32),
  },
})

export const removeUserScramCredentialRecord = message({
  key: 22,
  name: 'RemoveUserScramCredentialRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    name: field(string),
    mechanism: field(int8),
  },
})

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

export const removeDelegationTokenRecord = message({
  key: 26,
  name: 'RemoveDelegationTokenRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    tokenId: field(string),
  },
})

export const clientQuotaRecord = message({
  key: 14,
  name: 'ClientQuotaRecord',
  versions: '0',
  flexible: '0+',
  fields: {
    entity: field(
      array({
        entityType: field(string),
        entityName: field(nullable(string)),
      }),
    ),
    key: field(string),
    value: field(float64),
    remove: field(bool),
  },
})
