/**
 * The keys of the shared truth. Each key's value is the JSON of the type beside it in `values.ts`.
 * | key | value |
 * |---|---|
 * | `/cluster` | `ClusterValue` |
 * | `/brokers/<id>` | `BrokerValue`, under the lease of that broker |
 * | `/topics/<name, every . written _>` | `TopicValue`: its name, id and the replicas of all partitions |
 * | `/partitions/<topic id>/<index>` | `PartitionValue`; absent as long as it is as it was created |
 * | `/configs/topics/<name>` · `/configs/brokers/<id>` · `/configs/brokers/` | `ConfigValue` |
 * | `/configs/groups/<id>` · `/configs/client-metrics/<name>` | `ConfigValue` |
 * | `/producer-ids` | `ProducerIdsValue` |
 * | `/deleted-topics/<topic id>` | `DeletedTopicValue`, until the topic's directories are gone |
 *
 * A topic is one key, so that making one with thousands of partitions is one small commit. `a.b` and
 * `a_b` share a key, so that comparing with "absent" forbids both equal and colliding names.
 */

/** What a configuration belongs to. A broker's empty name stands for all brokers. */
export type ConfigKind = 'topic' | 'broker' | 'group' | 'client-metrics'

export interface ConfigResource {
  readonly kind: ConfigKind
  readonly name: string
}

/** What a key names. `unknown`: written by a newer version. */
export type KeyName =
  | { readonly type: 'cluster' }
  | { readonly type: 'broker'; readonly id: number }
  | { readonly type: 'topic'; readonly key: string }
  | { readonly type: 'partition'; readonly topicId: string; readonly index: number }
  | { readonly type: 'config'; readonly resource: ConfigResource }
  | { readonly type: 'producer-ids' }
  | { readonly type: 'deleted-topic'; readonly topicId: string }
  | { readonly type: 'unknown' }

export const CLUSTER_KEY = '/cluster'
export const PRODUCER_IDS_KEY = '/producer-ids'

const BROKERS = '/brokers/'
const TOPICS = '/topics/'
const PARTITIONS = '/partitions/'
const DELETED_TOPICS = '/deleted-topics/'
const configFolder: Readonly<Record<ConfigKind, string>> = {
  topic: '/configs/topics/',
  broker: '/configs/brokers/',
  group: '/configs/groups/',
  'client-metrics': '/configs/client-metrics/',
}
// Object.entries widens the keys; they are exactly the kinds.
const configFolders = Object.entries(configFolder) as [ConfigKind, string][]

export function brokerKey(id: number): string {
  return BROKERS + id
}

/** The same for names that Kafka takes for colliding. */
export function topicKey(name: string): string {
  return TOPICS + name.replaceAll('.', '_')
}

export function partitionKey(topicId: string, index: number): string {
  return `${PARTITIONS}${topicId}/${index}`
}

/** What the keys of all partitions of a topic begin with. */
export function partitionsPrefix(topicId: string): string {
  return `${PARTITIONS}${topicId}/`
}

export function deletedTopicKey(topicId: string): string {
  return DELETED_TOPICS + topicId
}

export function configKey({ kind, name }: ConfigResource): string {
  return configFolder[kind] + name
}

/** Reads a key. */
export function keyName(key: string): KeyName {
  if (key === CLUSTER_KEY) return { type: 'cluster' }
  if (key === PRODUCER_IDS_KEY) return { type: 'producer-ids' }
  if (key.startsWith(TOPICS)) return { type: 'topic', key }
  if (key.startsWith(BROKERS)) return { type: 'broker', id: Number(key.slice(BROKERS.length)) }
  if (key.startsWith(PARTITIONS)) {
    const [topicId = '', index] = key.slice(PARTITIONS.length).split('/')
    return { type: 'partition', topicId, index: Number(index) }
  }
  if (key.startsWith(DELETED_TOPICS)) {
    return { type: 'deleted-topic', topicId: key.slice(DELETED_TOPICS.length) }
  }
  for (const [kind, folder] of configFolders) {
    if (!key.startsWith(folder)) continue
    return { type: 'config', resource: { kind, name: key.slice(folder.length) } }
  }
  return { type: 'unknown' }
}
