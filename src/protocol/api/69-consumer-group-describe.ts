import {
  api,
  array,
  bool,
  field,
  ignorable,
  int8,
  int16,
  int32,
  nullable,
  string,
  struct,
  uuid,
} from '../schema.ts'

const topicPartitions = {
  topicId: field(uuid),
  topicName: field(string),
  partitions: field(array(int32)),
}

const assignment = {
  topicPartitions: field(array(topicPartitions)),
}

/** ConsumerGroupDescribe (69): describes groups of the consumer protocol (KIP-848).
 *  v1 answers memberType (KIP-1099). */
export const consumerGroupDescribe = api({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: '0-1',
  flexible: '0+',
  request: {
    groupIds: field(array(string)),
    includeAuthorizedOperations: field(bool),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    groups: field(
      array({
        errorCode: field(int16),
        errorMessage: field(nullable(string), '0+', null),
        groupId: field(string),
        groupState: field(string),
        groupEpoch: field(int32),
        assignmentEpoch: field(int32),
        assignorName: field(string),
        members: field(
          array({
            memberId: field(string),
            instanceId: field(nullable(string), '0+', null),
            rackId: field(nullable(string), '0+', null),
            memberEpoch: field(int32),
            clientId: field(string),
            clientHost: field(string),
            subscribedTopicNames: field(array(string)),
            subscribedTopicRegex: field(nullable(string), '0+', null),
            assignment: field(struct(assignment)),
            /** What it shall hold in the end. */
            targetAssignment: field(struct(assignment)),
            /** -1 unknown, 0 classic, 1 consumer. */
            memberType: field(int8, '1+', -1, ignorable),
          }),
        ),
        /** One bit per ACL operation; the smallest int32: not asked for. */
        authorizedOperations: field(int32, '0+', -2_147_483_648),
      }),
    ),
  },
})
