import {
  array,
  bigint64,
  field,
  int8,
  int16,
  int32,
  int64,
  message,
  nullable,
  string,
  struct,
  tagged,
  uint16,
} from '../schema.ts'

export const streamsGroupMetadataKey = message({
  key: 17,
  name: 'StreamsGroupMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

const lastAssignmentConfig = {
  key: field(string),
  value: field(string),
}

export const streamsGroupMetadataValue = message({
  key: 17,
  name: 'StreamsGroupMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: field(int32),
    metadataHash: field(bigint64),
    validatedTopologyEpoch: tagged(0, int32, '0+', -1),
    lastAssignmentConfigs: tagged(1, nullable(array(lastAssignmentConfig))),
  },
})

export const streamsGroupMemberMetadataKey = message({
  key: 19,
  name: 'StreamsGroupMemberMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

const endpoint = {
  host: field(string),
  port: field(uint16),
}

const keyValue = {
  key: field(string),
  value: field(string),
}

export const streamsGroupMemberMetadataValue = message({
  key: 19,
  name: 'StreamsGroupMemberMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    instanceId: field(nullable(string)),
    rackId: field(nullable(string)),
    clientId: field(string),
    clientHost: field(string),
    rebalanceTimeoutMs: field(int32, '0+', -1),
    topologyEpoch: field(int32),
    processId: field(string),
    userEndpoint: field(nullable(struct(endpoint)), '0+', null),
    clientTags: field(array(keyValue)),
  },
})

export const streamsGroupTargetAssignmentMetadataKey = message({
  key: 20,
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

export const streamsGroupTargetAssignmentMetadataValue = message({
  key: 20,
  name: 'StreamsGroupTargetAssignmentMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    assignmentEpoch: field(int32),
    assignmentTimestamp: tagged(0, int64, '0+', 0),
  },
})

export const streamsGroupTargetAssignmentMemberKey = message({
  key: 21,
  name: 'StreamsGroupTargetAssignmentMemberKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

const taskIds = {
  subtopologyId: field(string),
  partitions: field(array(int32)),
}

export const streamsGroupTargetAssignmentMemberValue = message({
  key: 21,
  name: 'StreamsGroupTargetAssignmentMemberValue',
  versions: '0',
  flexible: '0+',
  fields: {
    activeTasks: field(array(taskIds)),
    standbyTasks: field(array(taskIds)),
    warmupTasks: field(array(taskIds)),
  },
})

export const streamsGroupCurrentMemberAssignmentKey = message({
  key: 22,
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
    memberId: field(string),
  },
})

const streamsGroupCurrentMemberAssignmentTaskIds = {
  subtopologyId: field(string),
  partitions: field(array(int32)),
  assignmentEpochs: tagged(0, nullable(array(int32))),
}

export const streamsGroupCurrentMemberAssignmentValue = message({
  key: 22,
  name: 'StreamsGroupCurrentMemberAssignmentValue',
  versions: '0',
  flexible: '0+',
  fields: {
    memberEpoch: field(int32),
    previousMemberEpoch: field(int32),
    state: field(int8),
    activeTasks: field(array(streamsGroupCurrentMemberAssignmentTaskIds)),
    standbyTasks: field(array(streamsGroupCurrentMemberAssignmentTaskIds)),
    warmupTasks: field(array(streamsGroupCurrentMemberAssignmentTaskIds)),
    activeTasksPendingRevocation: field(array(streamsGroupCurrentMemberAssignmentTaskIds)),
    standbyTasksPendingRevocation: field(array(streamsGroupCurrentMemberAssignmentTaskIds)),
    warmupTasksPendingRevocation: field(array(streamsGroupCurrentMemberAssignmentTaskIds)),
  },
})

export const streamsGroupTopologyKey = message({
  key: 23,
  name: 'StreamsGroupTopologyKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

const topicConfig = {
  key: field(string),
  value: field(string),
}

const topicInfo = {
  name: field(string),
  partitions: field(int32),
  replicationFactor: field(int16),
  topicConfigs: field(array(topicConfig)),
}

export const streamsGroupTopologyValue = message({
  key: 23,
  name: 'StreamsGroupTopologyValue',
  versions: '0',
  flexible: '0+',
  fields: {
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
  },
})
