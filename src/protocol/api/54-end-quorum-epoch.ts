import {
  api,
  array,
  field,
  ignorable,
  int16,
  int32,
  nullable,
  string,
  tagged,
  uint16,
  uuid,
} from '../schema.ts'

/** EndQuorumEpoch (54): a leader of the Raft quorum resigns (KIP-595).
 *  v1 is flexible and names candidates by id and directory (KIP-853). */
export const endQuorumEpoch = api({
  key: 54,
  name: 'EndQuorumEpoch',
  versions: '0-1',
  flexible: '1+',
  request: {
    clusterId: field(nullable(string), '0+', null),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            leaderId: field(int32),
            leaderEpoch: field(int32),
            preferredSuccessors: field(array(int32), '0', [], ignorable),
            preferredCandidates: field(
              array({
                candidateId: field(int32),
                candidateDirectoryId: field(uuid),
              }),
              '1+',
              [],
              ignorable,
            ),
          }),
        ),
      }),
    ),
    leaderEndpoints: field(
      array({
        name: field(string),
        host: field(string),
        port: field(uint16),
      }),
      '1+',
      [],
      ignorable,
    ),
  },
  response: {
    errorCode: field(int16),
    topics: field(
      array({
        topicName: field(string),
        partitions: field(
          array({
            partitionIndex: field(int32),
            errorCode: field(int16),
            leaderId: field(int32),
            leaderEpoch: field(int32),
          }),
        ),
      }),
    ),
    nodeEndpoints: tagged(
      0,
      array({
        nodeId: field(int32),
        host: field(string),
        port: field(uint16),
      }),
      '1+',
    ),
  },
})
