/** What members of classic consumer groups tell each other inside JoinGroup and SyncGroup,
 *  behind a version of two bytes. Newer versions only append, so `decodeExtensible` reads them. */

import { array, bytes, field, ignorable, int32, message, nullable, string } from '../schema.ts'

/** What a member of a classic consumer group subscribes to.
 *  v1 adds ownedPartitions (KIP-429) · v2 adds generationId (KIP-792) · v3 adds rackId
 *  (KIP-881). */
export const consumerProtocolSubscription = message({
  name: 'ConsumerProtocolSubscription',
  versions: '0-3',
  flexible: 'none',
  fields: {
    topics: field(array(string)),
    userData: field(nullable(bytes), '0+', null),
    ownedPartitions: field(
      array({
        topic: field(string),
        partitions: field(array(int32)),
      }),
      '1+',
      [],
      ignorable,
    ),
    /** Of ownedPartitions; -1: unknown. */
    generationId: field(int32, '2+', -1, ignorable),
    rackId: field(nullable(string), '3+', null, ignorable),
  },
})

/** What the leader of a classic consumer group gives to a member. */
export const consumerProtocolAssignment = message({
  name: 'ConsumerProtocolAssignment',
  versions: '0-3',
  flexible: 'none',
  fields: {
    assignedPartitions: field(
      array({
        topic: field(string),
        partitions: field(array(int32)),
      }),
    ),
    userData: field(nullable(bytes), '0+', null),
  },
})
