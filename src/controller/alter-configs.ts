import {
  type Alteration,
  applyAlterations,
  replaceOverrides,
  type Target,
} from '../config/alter.ts'
import { type BrokerConfigs, NO_OVERRIDES, type Overrides } from '../config/dynamic.ts'
import type { Expectation, Put } from '../metadata/coordination.ts'
import { type ClusterImage, configTable } from '../metadata/image.ts'
import { type ConfigKind, type ConfigResource, configKey, topicKey } from '../metadata/keys.ts'
import type { Decision } from '../metadata/metadata-store.ts'
import { KafkaError } from '../protocol/errors.ts'
import { duplicatesOf, type Outcome, outcomeOf } from './outcome.ts'
import { checkTopicName } from './topic-name.ts'

const WHOLE_NUMBER = /^[+-]?\d+$/

/** What shall become of the settings of one resource. */
export type ConfigChange =
  | { readonly type: 'alter'; readonly alterations: readonly Alteration[] }
  | {
      readonly type: 'replace'
      readonly entries: readonly { readonly name: string; readonly value: string | null }[]
    }

export interface ConfigRequest {
  readonly resource: ConfigResource
  readonly change: ConfigChange
}

/** What altering rests on besides the image. */
export interface AlterationRules {
  /** The broker that was asked: the only one whose own settings it may change. */
  readonly nodeId: number
  readonly configs: BrokerConfigs
}

/**
 * IncrementalAlterConfigs and AlterConfigs: each resource changes or stays by itself. A resource that
 * occurs twice stays.
 * @returns results in the order of the request, one per item.
 */
export function decideAlterConfigs(
  image: ClusterImage,
  request: { readonly resources: readonly ConfigRequest[]; readonly validateOnly: boolean },
  rules: AlterationRules,
): Decision<readonly Outcome[]> {
  const resources = request.resources.map((item) => ({ ...item, own: canonical(item.resource) }))
  const duplicates = duplicatesOf(resources.map(({ own }) => configKey(own)))
  const puts: Put[] = []
  const deletes: string[] = []
  const expect: Record<string, Expectation> = {}
  const alter = (own: ConfigResource, change: ConfigChange) => {
    const key = configKey(own)
    if (duplicates.has(key)) {
      throw new KafkaError('INVALID_REQUEST', 'Each resource must appear at most once.')
    }
    checkResource(own, rules.nodeId)
    const before = image[configTable[own.kind]].get(own.name) ?? NO_OVERRIDES
    const after = altered(
      rules.configs,
      { type: own.kind, name: own.name, overrides: before },
      change,
    )
    const topic = own.kind === 'topic' ? existingTopic(image, own.name) : undefined
    if (!isWritten(own.kind, before, after)) return
    if (Object.keys(after).length > 0) puts.push({ key, value: JSON.stringify(after) })
    else deletes.push(key)
    expect[key] = { modRevision: image.configRevisions.get(key) ?? 0 }
    if (topic) expect[topicKey(own.name)] = { createRevision: topic.createRevision }
  }
  const results = resources.map(({ own, change }) => outcomeOf(() => alter(own, change)))
  return request.validateOnly ? { result: results } : { puts, deletes, expect, result: results }
}

/** The resource under the name its key has: a broker's id may be written with a sign or zeros. */
function canonical(resource: ConfigResource): ConfigResource {
  const { kind, name } = resource
  return kind === 'broker' && WHOLE_NUMBER.test(name) ? { kind, name: `${Number(name)}` } : resource
}

function checkResource({ kind, name }: ConfigResource, nodeId: number): void {
  if (kind === 'topic' && name !== '') checkTopicName(name)
  if (kind !== 'broker' || name === '') return
  if (!WHOLE_NUMBER.test(name)) {
    throw new KafkaError('INVALID_REQUEST', `Node id must be an integer, but it is: ${name}`)
  }
  if (name === String(nodeId)) return
  const detail = `Unexpected broker id, expected ${nodeId}, but received ${name}`
  throw new KafkaError('INVALID_REQUEST', detail)
}

function altered(configs: BrokerConfigs, target: Target, change: ConfigChange): Overrides {
  return change.type === 'alter'
    ? applyAlterations(configs, target, change.alterations)
    : replaceOverrides(configs, target, change.entries)
}

function existingTopic(image: ClusterImage, name: string) {
  const topic = image.topics.get(name)
  if (topic !== undefined) return topic
  throw new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', `The topic '${name}' does not exist.`)
}

/** A broker's settings are written even when they stay the same: that is how it is told to load again
 *  what they point to, a key store for instance. */
function isWritten(kind: ConfigKind, before: Overrides, after: Overrides): boolean {
  if (kind === 'broker') return Object.keys(before).length + Object.keys(after).length > 0
  const names = Object.keys(after)
  return (
    names.length !== Object.keys(before).length ||
    names.some((name) => before[name] !== after[name])
  )
}
