import {
  api,
  array,
  bool,
  field,
  int8,
  int16,
  int32,
  int64,
  nullable,
  string,
  struct,
  uint16,
} from '../schema.ts'

const keyValue = {
  key: field(string),
  value: field(string),
}

const topicInfo = {
  name: field(string),
  partitions: field(int32),
  replicationFactor: field(int16),
  topicConfigs: field(array(keyValue)),
}

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

const status = {
  statusCode: field(int8),
  statusDetail: field(string),
}

const topicPartition = {
  topic: field(string),
  partitions: field(array(int32)),
}

export const streamsGroupHeartbeat = api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: '0',
  flexible: '0+',
  request: {
    groupId: field(string),
    memberId: field(string),
    memberEpoch: field(int32),
    endpointInformationEpoch: field(int32),
    instanceId: field(nullable(string), '0+', null),
    rackId: field(nullable(string), '0+', null),
    rebalanceTimeoutMs: field(int32, '0+', -1),
    topology: field(
      nullable(
        struct({
          epoch: field(int32),
          subtopologies: field(
            array({
              subtopologyId: field(string),
              sourceTopics: field(array(string)),
              sourceTopicRegex: field(array(string)),
              stateChangelogTopics: field(array(topicInfo)),
              repartitionSinkTopics: field(array(string)),
              repartitionSourceTopics: field(array(topicInfo)),
              copartitionGroups: field(
                array({
                  sourceTopics: field(array(int16)),
                  sourceTopicRegex: field(array(int16)),
                  repartitionSourceTopics: field(array(int16)),
                }),
              ),
            }),
          ),
        }),
      ),
      '0+',
      null,
    ),
    activeTasks: field(nullable(array(taskIds)), '0+', null),
    standbyTasks: field(nullable(array(taskIds)), '0+', null),
    warmupTasks: field(nullable(array(taskIds)), '0+', null),
    processId: field(nullable(string), '0+', null),
    userEndpoint: field(nullable(struct(endpoint)), '0+', null),
    clientTags: field(nullable(array(keyValue)), '0+', null),
    taskOffsets: field(nullable(array(taskOffset)), '0+', null),
    taskEndOffsets: field(nullable(array(taskOffset)), '0+', null),
    shutdownApplication: field(bool, '0+', false),
  },
  response: {
    throttleTimeMs: field(int32, '0+', 0),
    errorCode: field(int16),
    errorMessage: field(nullable(string), '0+', null),
    memberId: field(string),
    memberEpoch: field(int32),
    heartbeatIntervalMs: field(int32),
    acceptableRecoveryLag: field(int32),
    taskOffsetIntervalMs: field(int32),
    status: field(nullable(array(status))),
    activeTasks: field(nullable(array(taskIds)), '0+', null),
    standbyTasks: field(nullable(array(taskIds)), '0+', null),
    warmupTasks: field(nullable(array(taskIds)), '0+', null),
    endpointInformationEpoch: field(int32),
    partitionsByUserEndpoint: field(
      nullable(
        array({
          userEndpoint: field(struct(endpoint)),
          activePartitions: field(array(topicPartition)),
          standbyPartitions: field(array(topicPartition)),
        }),
      ),
      '0+',
      null,
    ),
  },
})
