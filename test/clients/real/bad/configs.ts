import { describeConfigs } from '../../../../src/protocol/api/32-describe-configs.ts'
import { alterConfigs } from '../../../../src/protocol/api/33-alter-configs.ts'
import { incrementalAlterConfigs } from '../../../../src/protocol/api/44-incremental-alter-configs.ts'
import { listConfigResources } from '../../../../src/protocol/api/74-list-config-resources.ts'
import { type BadRequest, rowsOf, type World } from './row.ts'

const topicType = 2
const brokerType = 4
const metricsType = 16
const groupType = 32

type Named = string | ((w: World) => string)
const nameOf = (name: Named, world: World): string =>
  typeof name === 'function' ? name(world) : name
const topic: Named = (w) => w.topic
const broker: Named = (w) => `${w.brokerId}`

const describe = rowsOf(describeConfigs, 4)
const describing = (
  name: string,
  type: number,
  resource: Named,
  keys: readonly string[] | null = null,
) =>
  describe(name, (w) => ({
    resources: [{ resourceType: type, resourceName: nameOf(resource, w), configurationKeys: keys }],
  }))

const describeRequests: readonly BadRequest[] = [
  ...describing('a topic', topicType, topic),
  ...describing('an unknown topic', topicType, 'nowhere'),
  ...describing('an impossible topic name', topicType, 'a/b'),
  ...describing('an empty topic name', topicType, ''),
  ...describing('an unknown key', topicType, topic, ['no.such.key']),
  ...describing('no keys', topicType, topic, []),
  ...describing('this broker', brokerType, broker, ['log.dirs']),
  ...describing('all brokers', brokerType, ''),
  ...describing('another broker', brokerType, '99'),
  ...describing('a broker that is no number', brokerType, 'one'),
  ...describing('a group', groupType, 'g'),
  ...describing('one key of a group', groupType, 'g', ['consumer.session.timeout.ms']),
  ...describing('an empty group name', groupType, ''),
  ...describing('an empty subscription name', metricsType, ''),
  ...[0, 1, 3, 64, 99].flatMap((type) => describing(`resource type ${type}`, type, 'x')),
  ...describe('the same topic twice', (w) => ({
    resources: [1, 2].map(() => ({
      resourceType: topicType,
      resourceName: w.topic,
      configurationKeys: ['retention.ms'],
    })),
  })),
]

/** Only validated: nothing stays behind. Not here: one topic twice. Kafka never answers that. */
const alter = rowsOf(alterConfigs, 2)
const altering = (name: string, type: number, resource: Named, key: string, value: string | null) =>
  alter(name, (w) => ({
    resources: [
      { resourceType: type, resourceName: nameOf(resource, w), configs: [{ name: key, value }] },
    ],
    validateOnly: true,
  }))

const alterRequests: readonly BadRequest[] = [
  ...altering('a good value', topicType, topic, 'retention.ms', '1000'),
  ...altering('an unknown key', topicType, topic, 'no.such.key', '1'),
  ...altering('a value of the wrong type', topicType, topic, 'retention.ms', 'never'),
  ...altering('a value out of range', topicType, topic, 'segment.bytes', '1'),
  ...altering('a null value', topicType, topic, 'retention.ms', null),
  ...altering('an unknown topic', topicType, 'nowhere', 'retention.ms', '1'),
  ...altering('an impossible topic name', topicType, 'a/b', 'retention.ms', '1'),
  ...altering('an empty topic name', topicType, '', 'retention.ms', '1'),
  ...altering('another broker', brokerType, '99', 'log.cleaner.threads', '1'),
  ...altering('a key of the broker that is read-only', brokerType, broker, 'log.dirs', 'x'),
  ...altering('resource type 0', 0, 'x', 'a', 'b'),
  ...altering('resource type 99', 99, 'x', 'a', 'b'),
]

const set = 0
const remove = 1
const add = 2
const subtract = 3
type Change = readonly [operation: number, key: string, value: string | null]

const increment = rowsOf(incrementalAlterConfigs, 1)
const changing = (name: string, type: number, resource: Named, ...changes: Change[]) =>
  increment(name, (w) => ({
    resources: [
      {
        resourceType: type,
        resourceName: nameOf(resource, w),
        configs: changes.map(([configOperation, key, value]) => ({
          name: key,
          configOperation,
          value,
        })),
      },
    ],
    validateOnly: true,
  }))

/** With the broker's default bounds. */
const groupChanges: readonly (readonly [name: string, ...Change])[] = [
  ['a session of a group', set, 'consumer.session.timeout.ms', '50000'],
  ['one that is too short', set, 'consumer.session.timeout.ms', '44999'],
  ['one that is too long', set, 'consumer.session.timeout.ms', '60001'],
  ['one that is no number', set, 'consumer.session.timeout.ms', 'long'],
  ['one of nothing', set, 'consumer.session.timeout.ms', ''],
  ['one that is removed', remove, 'consumer.session.timeout.ms', null],
  ['one that is added to', add, 'consumer.session.timeout.ms', '1'],
  ['heartbeats of a group that are too frequent', set, 'consumer.heartbeat.interval.ms', '4999'],
  ['heartbeats that are too rare', set, 'consumer.heartbeat.interval.ms', '15001'],
  ['assignments without a pause', set, 'consumer.assignment.interval.ms', '0'],
  ['a pause between assignments that is too long', set, 'consumer.assignment.interval.ms', '15001'],
  ['a pause below zero', set, 'consumer.assignment.interval.ms', '-1'],
  ['an unknown key of a group', set, 'no.such.key', '1'],
  ['a key of the broker for a group', set, 'group.consumer.session.timeout.ms', '50000'],
]

const incrementRequests: readonly BadRequest[] = [
  ...changing('a good value', topicType, topic, [set, 'retention.ms', '1000']),
  ...changing('nothing', topicType, topic),
  ...changing('a key that is not set is removed', topicType, topic, [remove, 'retention.ms', null]),
  ...changing('an unknown key is removed', topicType, topic, [remove, 'no.such.key', null]),
  ...changing('an unknown key', topicType, topic, [set, 'no.such.key', '1']),
  ...changing('a value of the wrong type', topicType, topic, [set, 'retention.ms', 'never']),
  ...changing('a value out of range', topicType, topic, [set, 'segment.bytes', '1']),
  ...changing('a null value', topicType, topic, [set, 'retention.ms', null]),
  ...changing('adding to a list', topicType, topic, [add, 'cleanup.policy', 'compact']),
  ...changing('adding what the list has', topicType, topic, [add, 'cleanup.policy', 'delete']),
  ...changing('adding what the list cannot have', topicType, topic, [
    add,
    'cleanup.policy',
    'forget',
  ]),
  ...changing('taking from a list', topicType, topic, [subtract, 'cleanup.policy', 'delete']),
  ...changing('adding to what is no list', topicType, topic, [add, 'retention.ms', '5']),
  ...changing('taking from what is no list', topicType, topic, [subtract, 'retention.ms', '5']),
  ...changing('an unknown operation', topicType, topic, [9, 'retention.ms', '5']),
  ...changing(
    'the same key twice',
    topicType,
    topic,
    [set, 'retention.ms', '1'],
    [set, 'retention.ms', '2'],
  ),
  ...changing('an unknown topic', topicType, 'nowhere', [set, 'retention.ms', '1']),
  ...changing('an impossible topic name', topicType, 'a/b', [set, 'retention.ms', '1']),
  ...changing('an empty topic name', topicType, '', [set, 'retention.ms', '1']),
  ...changing('this broker', brokerType, broker, [set, 'log.cleaner.threads', '2']),
  ...changing('all brokers', brokerType, '', [set, 'message.max.bytes', '2000000']),
  ...changing('another broker', brokerType, '99', [set, 'log.cleaner.threads', '2']),
  ...changing('a broker that is no number', brokerType, 'one', [set, 'log.cleaner.threads', '2']),
  ...changing('a key of the broker that is read-only', brokerType, broker, [set, 'log.dirs', 'x']),
  ...changing('a key of one broker for all', brokerType, '', [set, 'listeners', 'PLAINTEXT://:1']),
  ...changing('an unknown key of the broker', brokerType, broker, [set, 'no.such.key', '1']),
  ...changing('a value of the broker of the wrong type', brokerType, broker, [
    set,
    'log.cleaner.threads',
    'x',
  ]),
  ...changing('a value of the broker out of range', brokerType, broker, [
    set,
    'log.cleaner.threads',
    '-1',
  ]),
  ...groupChanges.flatMap(([name, ...change]) => changing(name, groupType, 'g', change)),
  ...changing(
    'a session of a group that is not longer than its heartbeats',
    groupType,
    'g',
    [set, 'consumer.session.timeout.ms', '45000'],
    [set, 'consumer.heartbeat.interval.ms', '15000'],
  ),
  ...changing('an empty group name', groupType, '', [set, 'consumer.session.timeout.ms', '50000']),
  ...changing('resource type 0', 0, 'x', [set, 'a', 'b']),
  ...changing('resource type 99', 99, 'x', [set, 'a', 'b']),
  ...increment('the same topic twice', (w) => ({
    resources: ['1', '2'].map((value) => ({
      resourceType: topicType,
      resourceName: w.topic,
      configs: [{ name: 'retention.ms', configOperation: set, value }],
    })),
    validateOnly: true,
  })),
]

const list = rowsOf(listConfigResources, 1)

const listRequests: readonly BadRequest[] = [
  ...list('client metrics', () => ({}), [0]),
  ...[[brokerType], [8], [metricsType], [groupType], [brokerType, brokerType]].flatMap((types) =>
    list(`resources of types ${types}`, () => ({ resourceTypes: types })),
  ),
  ...[0, 1, 3, 64, 99].flatMap((type) =>
    list(`resources of type ${type} and ${brokerType}`, () => ({
      resourceTypes: [brokerType, type],
    })),
  ),
]

export const configRequests: readonly BadRequest[] = [
  ...describeRequests,
  ...alterRequests,
  ...incrementRequests,
  ...listRequests,
]
