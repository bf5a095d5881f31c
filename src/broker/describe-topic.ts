import { checkTopicName } from '../controller/topic-name.ts'
import type { PartitionImage } from '../metadata/image.ts'
import { errors, KafkaError } from '../protocol/errors.ts'

/** A partition as both Metadata and DescribeTopicPartitions show it. */
export interface PartitionDescription {
  readonly errorCode: number
  readonly partitionIndex: number
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly replicaNodes: readonly number[]
  readonly isrNodes: readonly number[]
  readonly offlineReplicas: readonly number[]
}

export function describePartition(partition: PartitionImage): PartitionDescription {
  return {
    errorCode: partition.leader < 0 ? errors.LEADER_NOT_AVAILABLE.code : 0,
    partitionIndex: partition.index,
    leaderId: partition.leader,
    leaderEpoch: partition.leaderEpoch,
    replicaNodes: partition.replicas,
    isrNodes: partition.isr,
    offlineReplicas: [],
  }
}

/** Why a topic is not there: UNKNOWN_TOPIC_OR_PARTITION, or INVALID_TOPIC_EXCEPTION for a name that no
 *  topic can have. */
export function missingTopicCode(name: string): number {
  try {
    checkTopicName(name)
    return errors.UNKNOWN_TOPIC_OR_PARTITION.code
  } catch (error) {
    if (error instanceof KafkaError) return error.code
    throw error
  }
}
