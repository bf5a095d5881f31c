import { type BrokerConfigs, brokerConfigs } from '../config/dynamic.ts'
import { optionSetting, serverConfig } from '../config/server-config.ts'
import type { Random } from '../kernel/environment.ts'
import { silentLogger } from '../kernel/logger.ts'
import { brokerPut, memoryStore } from '../metadata/metadata-fixtures-for-test.ts'
import { MetadataStore } from '../metadata/metadata-store.ts'
import { type CreatableTopic, type CreationRules, decideCreateTopics } from './create-topics.ts'

/** A repeatable random source (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
  return {
    below: (limit) => Math.floor((next() / 2 ** 32) * limit),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  }
}

/** The settings of a broker started with `settings`, each `key=value`. */
export function configsOf(...settings: string[]): BrokerConfigs {
  return brokerConfigs(serverConfig(settings.map(optionSetting)))
}

export function rulesOf(over: Partial<CreationRules> = {}): CreationRules {
  return { configs: configsOf(), maxPartitions: 100_000, random: seededRandom(1), ...over }
}

/** A cluster of the given brokers, in memory. */
export async function clusterOf(...brokerIds: number[]) {
  const { coordination, environment } = memoryStore()
  await coordination.commit({ puts: brokerIds.map(brokerPut) })
  const store = await MetadataStore.open(coordination, environment, silentLogger)
  return { coordination, environment, store }
}

/** A topic to create: one partition and one replica, unless said otherwise. */
export function wanted(name: string, over: Partial<CreatableTopic> = {}): CreatableTopic {
  return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [], ...over }
}

/** Replicas by partition, as a request assigns them. */
export function assigned(
  ...partitions: (readonly [partitionIndex: number, ...brokerIds: number[]])[]
): Partial<CreatableTopic> {
  const assignments = partitions.map(([partitionIndex, ...brokerIds]) => {
    return { partitionIndex, brokerIds }
  })
  return { numPartitions: -1, replicationFactor: -1, assignments }
}

/** Creates topics and returns how each ended. */
export function create(store: MetadataStore, rules: CreationRules, ...topics: CreatableTopic[]) {
  return store.commit((image) => decideCreateTopics(image, { topics, validateOnly: false }, rules))
}
