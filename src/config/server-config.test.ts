import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from './config-error.ts'
import { fileSettings, optionSetting, serverConfig } from './server-config.ts'

const start = (file: string, ...options: string[]) =>
  serverConfig(fileSettings('server.properties', file), options.map(optionSetting))

/** The keys of the file that a Kafka download brings, without its comments. */
const quickstart = `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL
num.network.threads=3
socket.send.buffer.bytes=102400
log.dirs=/tmp/kraft-combined-logs
num.partitions=1
offsets.topic.replication.factor=1
log.retention.hours=168
`

test('the file of a Kafka download is accepted as it is', () => {
  const config = start(quickstart)
  assert.deepEqual(config.unknown, [])
  assert.deepEqual(config.notNeeded, [
    'process.roles',
    'controller.quorum.bootstrap.servers',
    'num.network.threads',
  ])
  assert.deepEqual(config.logDirs, ['/tmp/kraft-combined-logs'])
  assert.deepEqual(config.listeners.bound, [
    { name: 'PLAINTEXT', host: '', port: 9092, securityProtocol: 'PLAINTEXT' },
  ])
  assert.equal(config.listeners.advertised.get('PLAINTEXT')?.host, 'localhost')
})

test('a file of ZooKeeper times names its old keys and starts', () => {
  const config = start('broker.id=7\nzookeeper.connect=zk:2181\ninter.broker.protocol.version=2.8')
  assert.equal(config.values['node.id'], 7)
  assert.deepEqual(config.notNeeded, ['zookeeper.connect', 'inter.broker.protocol.version'])
  assert.deepEqual(config.unknown, [])
})

test('nothing at all is a configuration', () => {
  const config = serverConfig()
  assert.equal(config.values['node.id'], 1)
  assert.deepEqual(config.logDirs, ['/tmp/kafka-logs'])
  assert.equal(config.listeners.bound[0]?.port, 9092)
  assert.equal(config.listeners.advertised.size, 0)
})

test('an option wins over the file, and the file over the launcher', () => {
  const launcher = [{ key: 'num.partitions', value: '2', from: 'default' }]
  const file = fileSettings('f', 'num.partitions=3\nnum.partitions=4')
  assert.equal(serverConfig(launcher, file).values['num.partitions'], 4)
  const all = serverConfig(launcher, file, [optionSetting('num.partitions=5')])
  assert.equal(all.values['num.partitions'], 5)
  assert.equal(all.origins.get('num.partitions'), '--set')
  assert.deepEqual(all.texts, { 'num.partitions': '5', 'node.id': '1', 'broker.id': '1' })
})

test('a later layer silences the other spellings of its key', () => {
  const config = start('log.retention.ms=1\nlog.dirs=/a', 'log.retention.hours=2', 'log.dir=/b')
  assert.equal(config.values['log.retention.ms'], null)
  assert.equal(config.values['log.retention.hours'], 2)
  assert.deepEqual(config.logDirs, ['/b'])
})

test('an unknown key is kept and comes with what was probably meant', () => {
  const { unknown, texts } = start('num.partition=3\nretention.ms=1\nmy.plugin.key=1')
  assert.deepEqual(unknown, [
    { key: 'num.partition', from: 'server.properties:1', nearest: 'num.partitions' },
    { key: 'retention.ms', from: 'server.properties:2', nearest: 'log.retention.ms' },
    { key: 'my.plugin.key', from: 'server.properties:3', nearest: undefined },
  ])
  assert.equal(texts['my.plugin.key'], '1')
})

test('settings of the authorizer, plug-ins and single listeners are not unknown', () => {
  const file = 'super.users=User:a\nrsm.config.x=1\nlistener.name.plaintext.max.connections=5'
  assert.deepEqual(start(file).unknown, [])
})

const bad: readonly [written: string, message: string][] = [
  [
    '\nnum.partitions=many',
    'server.properties:2: num.partitions=many: Not a number of type INT. ' +
      'Allowed: a whole number from 1 to 2147483647.',
  ],
  [
    'num.partitions=0',
    'server.properties:1: num.partitions=0: Value must be at least 1. ' +
      'Allowed: a whole number from 1 to 2147483647.',
  ],
  [
    'auto.create.topics.enable=yes',
    'server.properties:1: auto.create.topics.enable=yes: Expected value to be either true ' +
      'or false.',
  ],
  [
    'log.dirs=/a,,/b',
    "server.properties:1: log.dirs=/a,,/b: Configuration 'log.dirs' values must not be empty. " +
      'Allowed: a comma separated list, not empty.',
  ],
  [
    'listener.name.plaintext.max.connections=-1',
    'server.properties:1: listener.name.plaintext.max.connections=-1: Value must be at least 0. ' +
      'Allowed: a whole number from 0 to 2147483647.',
  ],
  [
    'listeners=nowhere',
    'server.properties:1: listeners=nowhere: expected NAME://host:port, host may be empty, IPv6 in ' +
      'brackets, port 0 to 65535.',
  ],
  [
    'log.roll.ms=0',
    'server.properties:1: log.roll.ms=0: log.roll.ms must be greater than or equal to 1',
  ],
  [
    'node.id=1\nbroker.id=2',
    'server.properties:1: node.id=1: server.properties:2: broker.id=2: ' +
      'You must set `node.id` to the same value as `broker.id`.',
  ],
]
for (const [written, message] of bad)
  test(`${JSON.stringify(written)} stops the start and says why`, () => {
    assert.throws(() => start(written), { name: 'ConfigError', message })
  })

test('an option without = is refused', () => {
  assert.throws(() => optionSetting('num.partitions'), ConfigError)
})
