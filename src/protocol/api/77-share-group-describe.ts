import { api, array, bool, field, int16, int32, nullable, string, struct, uuid } from '../schema.ts'

const topicPartitions = {
  topicId: field(uuid),
  topicName: field(string),
  partitions: field(array(int32)),
}

const assignment = {
  topicPartitions: field(array(topicPartitions)),
}

/** ShareGroupDescribe (77): describes share groups (KIP-932).
 *  v0 was an early access of Kafka 4.0 and is gone. */
export const shareGroupDescribe = api({
  key: 77,
  name: 'ShareGroupDescribe',
  versions: '1',
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
            rackId: field(nullable(string), '0+', null),
            memberEpoch: field(int32),
            clientId: field(string),
            clientHost: field(string),
            subscribedTopicNames: field(array(string)),
            assignment: field(struct(assignment)),
          }),
        ),
        /** One bit per ACL operation; the smallest int32: not asked for. */
        authorizedOperations: field(int32, '0+', -2_147_483_648),
      }),
    ),
  },
})
