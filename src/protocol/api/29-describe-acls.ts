import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** DescribeAcls (29): lists the ACLs that match a filter.
 *  v1 adds pattern types (KIP-290) · v2 is flexible · v3 knows the user resource (KIP-373). */
export const describeAcls = api({
  key: 29,
  name: 'DescribeAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    /** 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user; in filters
     *  1: any. */
    resourceTypeFilter: field(int8),
    /** null: any. */
    resourceNameFilter: field(nullable(string)),
    /** 3 literal, 4 prefixed; in filters 1: any, 2: whatever applies to the name. */
    patternTypeFilter: field(int8, '0+', 3),
    /** null: any. */
    principalFilter: field(nullable(string)),
    /** null: any. */
    hostFilter: field(nullable(string)),
    /** 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10
     *  describe configs, 11 alter configs, 12 idempotent write, 13 create tokens, 14 describe
     *  tokens, 15 two-phase commit; in filters 1: any. */
    operation: field(int8),
    /** 2 deny, 3 allow; in filters 1: any. */
    permissionType: field(int8),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string)),
    resources: field(
      array({
        /** Numbers as in the request. */
        resourceType: field(int8),
        resourceName: field(string),
        patternType: field(int8, '0+', 3),
        acls: field(
          array({
            principal: field(string),
            host: field(string),
            operation: field(int8),
            permissionType: field(int8),
          }),
        ),
      }),
    ),
  },
})
