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
  /** 0: any number; always so for changelogs. */
  partitions: field(int32),
  /** 0: the broker's default. */
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

/** StreamsGroupHeartbeat (88): everything a member of a Streams group says and hears: topology,
 *  tasks, offsets (KIP-1071). */
export const streamsGroupHeartbeat = api({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: '0',
  flexible: '0+',
  request: {
    groupId: field(string),
    memberId: field(string),
    /** 0 joins, -1 leaves, -2 leaves as a static member that will be back. */
    memberEpoch: field(int32),
    /** Of the newest endpoints the member was told. */
    endpointInformationEpoch: field(int32),
    /** null: not changed since the last heartbeat. */
    instanceId: field(nullable(string), '0+', null),
    /** null: not changed since the last heartbeat. */
    rackId: field(nullable(string), '0+', null),
    /** Time the member has to give tasks up; -1: not changed. */
    rebalanceTimeoutMs: field(int32, '0+', -1),
    /** Sent when joining; null later. */
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
    /** What the member runs; null: not changed. */
    activeTasks: field(nullable(array(taskIds)), '0+', null),
    standbyTasks: field(nullable(array(taskIds)), '0+', null),
    warmupTasks: field(nullable(array(taskIds)), '0+', null),
    /** Of the process, which may run several members; null: not changed. */
    processId: field(nullable(string), '0+', null),
    /** Where interactive queries are answered. */
    userEndpoint: field(nullable(struct(endpoint)), '0+', null),
    clientTags: field(nullable(array(keyValue)), '0+', null),
    /** Sums over a task's changelogs; null: not changed. */
    taskOffsets: field(nullable(array(taskOffset)), '0+', null),
    /** Sums over a task's changelogs; null: not changed. */
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
    /** Records behind at which a task counts as caught up. */
    acceptableRecoveryLag: field(int32),
    /** How often to report task offsets. */
    taskOffsetIntervalMs: field(int32),
    status: field(nullable(array(status))),
    /** null: not changed. */
    activeTasks: field(nullable(array(taskIds)), '0+', null),
    standbyTasks: field(nullable(array(taskIds)), '0+', null),
    warmupTasks: field(nullable(array(taskIds)), '0+', null),
    endpointInformationEpoch: field(int32),
    /** Who holds what, for interactive queries; null: not changed. */
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
