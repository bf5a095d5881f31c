import type { Keys } from './declare.ts'
import { topicConfig } from './topic.ts'

/** Settings by key, as text. */
export type Texts = Readonly<Record<string, string>>

/** Broker keys in a coarser unit than the topic key they stand for, and what one of it is in ms. */
const unitMs: Readonly<Record<string, bigint>> = {
  'log.retention.minutes': 60_000n,
  'log.retention.hours': 3_600_000n,
  'log.roll.hours': 3_600_000n,
  'log.roll.jitter.hours': 3_600_000n,
}

/** A broker's text in the unit of the topic key; any negative retention means no limit. */
export function inTopicUnit(topicKey: string, brokerKey: string, text: string): string {
  const unit = unitMs[brokerKey]
  const scaled = unit === undefined ? text : String(BigInt(text) * unit)
  return topicKey === 'retention.ms' && scaled.startsWith('-') ? '-1' : scaled
}

/**
 * What each topic key is on a broker when the topic sets nothing, as text: the first of its broker
 * synonyms that has a value, set or by default. Keys the broker says nothing about are absent.
 */
export function topicDefaults(brokerKeys: Keys, brokerTexts: Texts): Texts {
  const defaults: Record<string, string> = {}
  for (const [name, { brokerSynonyms }] of Object.entries(topicConfig.keys)) {
    for (const synonym of brokerSynonyms) {
      const text = textOf(brokerKeys, brokerTexts, synonym)
      if (text === null) continue
      defaults[name] = inTopicUnit(name, synonym, text)
      break
    }
  }
  return defaults
}

/** The effective text of a broker key in Kafka's spelling; null when it has no value. */
export function textOf(brokerKeys: Keys, brokerTexts: Texts, name: string): string | null {
  const key = brokerKeys[name]
  const written = brokerTexts[name]
  if (written === undefined) return key?.defaultText ?? null
  return key ? key.canonical(written) : written
}
