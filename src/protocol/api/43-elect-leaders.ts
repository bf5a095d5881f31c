import { api, array, field, int8, int16, int32, nullable, string } from '../schema.ts'

/** ElectLeaders (43): elects leaders of partitions.
 *  v1 adds electionType (KIP-460) · v2 is flexible. */
export const electLeaders = api({
  key: 43,
  name: 'ElectLeaders',
  versions: '0-2',
  flexible: '2+',
  request: {
    /** 0: the preferred replica, 1: any live replica when none is in sync. */
    electionType: field(int8, '1+', 0),
    /** null: all. */
    topicPartitions: field(
      nullable(
        array({
          topic: field(string),
          partitions: field(array(int32)),
        }),
      ),
    ),
    timeoutMs: field(int32, '0+', 60_000),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16, '1+', 0),
    replicaElectionResults: field(
      array({
        topic: field(string),
        partitionResult: field(
          array({
            partitionId: field(int32),
            errorCode: field(int16),
            errorMessage: field(nullable(string)),
          }),
        ),
      }),
    ),
  },
})
