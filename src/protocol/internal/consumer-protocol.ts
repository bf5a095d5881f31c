import { array, bytes, field, ignorable, int32, message, nullable, string } from '../schema.ts'

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
    generationId: field(int32, '2+', -1, ignorable),
    rackId: field(nullable(string), '3+', null, ignorable),
  },
})

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
