import type { BrokerConfig } from '../config/broker.ts'
import {
  type BrokerConfigs,
  brokerConfigs,
  effectiveGroupConfig,
  effectiveTopicConfig,
  NO_OVERRIDES,
  type Overrides,
} from '../config/dynamic.ts'
import type { GroupConfig } from '../config/group.ts'
import type { ServerConfig } from '../config/server-config.ts'
import type { TopicConfig } from '../config/topic.ts'
import type { ClusterImage } from '../metadata/image.ts'
import type { AppendRules } from '../records/validate.ts'
import { appendRules } from './append-rules.ts'

/**
 * What a broker and its topics are set to now: the settings it started with, those made while running
 * laid over them. Asking is cheap enough for every batch: nothing is worked out twice until a setting
 * changes.
 */
export class Settings {
  readonly #nodeId: number
  readonly #server: ServerConfig
  readonly #rules = new WeakMap<TopicConfig, Map<string, AppendRules>>()
  /** undefined until the metadata has been read. */
  #image: ClusterImage | undefined
  #configs: BrokerConfigs
  /** Of the topics asked for since the metadata last changed: it is asked several times per batch. */
  #topics = new Map<string, TopicConfig>()

  constructor(server: ServerConfig) {
    this.#server = server
    this.#nodeId = server.values['node.id']
    this.#configs = brokerConfigs(server)
  }

  /** Takes over what the metadata says. */
  update(image: ClusterImage): void {
    this.#image = image
    this.#topics = new Map()
    const { clusterDefault, perBroker } = this.#configs
    if (this.ofBrokers !== clusterDefault || this.ofThisBroker !== perBroker) {
      this.#configs = brokerConfigs(this.#server, this.ofBrokers, this.ofThisBroker)
    }
  }

  /** All layers of the broker's settings, for describing and changing them. */
  get configs(): BrokerConfigs {
    return this.#configs
  }

  get broker(): BrokerConfig {
    return this.#configs.current
  }

  /** Made while running, for all brokers. */
  get ofBrokers(): Overrides {
    return this.#image?.brokerConfigs.get('') ?? NO_OVERRIDES
  }

  /** Made while running, for this broker alone. */
  get ofThisBroker(): Overrides {
    return this.#image?.brokerConfigs.get(String(this.#nodeId)) ?? NO_OVERRIDES
  }

  /** Made for one topic. */
  ofTopic(topic: string): Overrides {
    return this.#image?.topicConfigs.get(topic) ?? NO_OVERRIDES
  }

  topic(topic: string): TopicConfig {
    let config = this.#topics.get(topic)
    if (config === undefined) {
      config = effectiveTopicConfig(this.#configs, this.ofTopic(topic))
      this.#topics.set(topic, config)
    }
    return config
  }

  /** Made for one group. */
  ofGroup(groupId: string): Overrides {
    return this.#image?.groupConfigs.get(groupId) ?? NO_OVERRIDES
  }

  /** The same object until a setting changes. */
  group(groupId: string): GroupConfig {
    return effectiveGroupConfig(this.#configs, this.ofGroup(groupId))
  }

  /** What a topic asks of every batch. The same object until a setting changes. */
  rules(topic: string): AppendRules {
    const config = this.topic(topic)
    let byTopic = this.#rules.get(config)
    if (byTopic === undefined) {
      byTopic = new Map()
      this.#rules.set(config, byTopic)
    }
    let rules = byTopic.get(topic)
    if (rules === undefined) {
      rules = appendRules(topic, config, this.broker)
      byTopic.set(topic, rules)
    }
    return rules
  }
}
