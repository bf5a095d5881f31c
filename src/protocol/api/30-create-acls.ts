import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** CreateAcls (30): creates ACLs.
 *  v1 adds pattern types (KIP-290) · v2 is flexible · v3 knows the user resource (KIP-373). */
export const createAcls = api({
  key: 30,
  name: 'CreateAcls',
  versions: '1-3',
  flexible: '2+',
  request: {
    creations: field(
      array({
        /** 2 topic, 3 group, 4 cluster, 5 transactional id, 6 delegation token, 7 user. */
        resourceType: field(int8),
        resourceName: field(string),
        /** 3 literal, 4 prefixed. */
        resourcePatternType: field(int8, '0+', 3),
        /** Type and name: `User:alice`. */
        principal: field(string),
        /** An address, or `*` for any. */
        host: field(string),
        /** 2 all, 3 read, 4 write, 5 create, 6 delete, 7 alter, 8 describe, 9 cluster action, 10
         *  describe configs, 11 alter configs, 12 idempotent write, 13 create tokens, 14
         *  describe tokens, 15 two-phase commit. */
        operation: field(int8),
        /** 2 deny, 3 allow. */
        permissionType: field(int8),
      }),
    ),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    results: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string)),
      }),
    ),
  },
})
