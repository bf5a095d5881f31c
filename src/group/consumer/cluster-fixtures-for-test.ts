/** Cluster images for the tests of groups. */

import {
  type BrokerImage,
  type ClusterImage,
  EMPTY_IMAGE,
  type TopicImage,
} from '../../metadata/image.ts'
import { ImmutableMap } from '../../metadata/immutable-map.ts'

/** A topic of an image to be. */
export interface TopicSpec {
  readonly name: string
  readonly id: string
  /** Brokers of each partition. */
  readonly replicas: readonly (readonly number[])[]
}

/** @param racks of the brokers, whose ids count from 0. */
export function clusterOf(
  topics: readonly TopicSpec[],
  racks: readonly (string | null)[] = [null],
  revision = 1,
): ClusterImage {
  const images = topics.map((topic) => topicImage(topic, revision))
  const brokers = racks.map((rack, id): [number, BrokerImage] => [
    id,
    { id, epoch: 1, rack, endpoints: [] },
  ])
  return {
    ...EMPTY_IMAGE,
    revision,
    brokers: new Map(brokers),
    topics: tableOf(images.map((topic) => [topic.name, topic])),
    topicsById: tableOf(images.map((topic) => [topic.id, topic])),
  }
}

/** A cluster of one broker. */
export function clusterWith(partitionCounts: Readonly<Record<string, number>>): ClusterImage {
  return clusterOf(
    Object.entries(partitionCounts).map(([name, count]) => ({
      name,
      id: topicIdOf(name),
      replicas: Array.from({ length: count }, () => [0]),
    })),
  )
}

/** The id that `clusterWith` gives to a topic. */
export function topicIdOf(name: string): string {
  return Buffer.concat([Buffer.from(name), Buffer.alloc(16)])
    .subarray(0, 16)
    .toString('base64url')
}

function topicImage({ name, id, replicas }: TopicSpec, revision: number): TopicImage {
  const partitions = replicas.map((brokers, index) => ({
    index,
    leader: brokers[0] ?? -1,
    leaderEpoch: 0,
    partitionEpoch: 0,
    replicas: brokers,
    isr: brokers,
    elr: [],
    lastKnownElr: [],
    addingReplicas: [],
    removingReplicas: [],
    revision,
  }))
  return {
    name,
    id,
    internal: name.startsWith('__'),
    partitions,
    createRevision: revision,
    modRevision: revision,
  }
}

function tableOf<V>(entries: readonly [string, V][]): ImmutableMap<V> {
  return ImmutableMap.empty<V>().with(new Map(entries))
}
