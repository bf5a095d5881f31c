import {
  api,
  array,
  bool,
  field,
  int16,
  int32,
  int64,
  nullable,
  string,
  struct,
  uint16,
} from '../schema.ts'

const endpoint = {
  host: field(string),
  port: field(uint16),
}

const taskOffset = {
  subtopologyId: field(string),
  partition: field(int32),
  offset: field(int64),
}

const taskIds = {
  subtopologyId: field(string),
  partitions: field(array(int32)),
}

const assignment = {
  activeTasks: field(array(taskIds)),
  standbyTasks: field(array(taskIds)),
  warmupTasks: field(array(taskIds)),
}

const keyValue = {
  key: field(string),
  value: field(string),
}

const topicInfo = {
  name: field(string),
  /** 0: any number; always so for changelogs. */
  partitions: field(int32),
  /** 0: the broker's default. */
  replicationFactor: field(int16),
  topicConfigs: field(array(keyValue)),
}

/** StreamsGroupDescribe (89): describes Streams groups (KIP-1071). */
export const streamsGroupDescribe = api({
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: '0',
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
        /** null: none yet, or an error. */
        topology: field(
          nullable(
            struct({
              epoch: field(int32),
              subtopologies: field(
                nullable(
                  array({
                    subtopologyId: field(string),
                    sourceTopics: field(array(string)),
                    repartitionSinkTopics: field(array(string)),
                    stateChangelogTopics: field(array(topicInfo)),
                    repartitionSourceTopics: field(array(topicInfo)),
                  }),
                ),
                '0+',
                null,
              ),
            }),
          ),
          '0+',
          null,
        ),
        members: field(
          array({
            memberId: field(string),
            memberEpoch: field(int32),
            instanceId: field(nullable(string), '0+', null),
            rackId: field(nullable(string), '0+', null),
            clientId: field(string),
            clientHost: field(string),
            topologyEpoch: field(int32),
            processId: field(string),
            userEndpoint: field(nullable(struct(endpoint)), '0+', null),
            clientTags: field(array(keyValue)),
            taskOffsets: field(array(taskOffset)),
            taskEndOffsets: field(array(taskOffset)),
            assignment: field(struct(assignment)),
            targetAssignment: field(struct(assignment)),
            isClassic: field(bool),
          }),
        ),
        /** One bit per ACL operation; the smallest int32: not asked for. */
        authorizedOperations: field(int32, '0+', -2_147_483_648),
      }),
    ),
  },
})
