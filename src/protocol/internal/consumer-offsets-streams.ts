/** `__consumer_offsets`: Streams groups (KIP-1071). */

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

/** A Streams group (KIP-1071). A tombstone deletes it. */
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

/** The epoch of a Streams group, which rises when a new assignment is needed. */
export const streamsGroupMetadataValue = message({
  key: 17,
  name: 'StreamsGroupMetadataValue',
  versions: '0',
  flexible: '0+',
  fields: {
    epoch: field(int32),
    /** As in consumer groups. */
    metadataHash: field(bigint64),
    /** The topology whose topics are known to be as it needs them; -1: none. */
    validatedTopologyEpoch: tagged(0, int32, '0+', -1),
    lastAssignmentConfigs: tagged(1, nullable(array(lastAssignmentConfig))),
  },
})

/** A member of a Streams group. A tombstone: it has left. */
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

/** What a member of a Streams group said about itself. */
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

/** The target assignment of a Streams group. */
export const streamsGroupTargetAssignmentMetadataKey = message({
  key: 20,
  name: 'StreamsGroupTargetAssignmentMetadataKey',
  versions: '0',
  flexible: 'none',
  fields: {
    groupId: field(string),
  },
})

/** For which group epoch the target assignment was computed. */
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

/** The target of one member of a Streams group. */
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

/** The tasks a member of a Streams group shall have in the end. */
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

/** What one member of a Streams group has now. */
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
  /** One per partition, of active tasks only. */
  assignmentEpochs: tagged(0, nullable(array(int32))),
}

/** How far a member of a Streams group is on the way to its target. */
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

/** The topology of a Streams group. */
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
  /** 0: any number; always so for changelogs. */
  partitions: field(int32),
  /** 0: the broker's default. */
  replicationFactor: field(int16),
  topicConfigs: field(array(topicConfig)),
}

/** Subtopologies with the topics they read, write and keep state in. */
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
