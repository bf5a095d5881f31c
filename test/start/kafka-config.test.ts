/** Files that steer a Kafka broker start Moldau as they are. */

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { metadata } from '../../src/protocol/api/03-metadata.ts'
import { describeConfigs } from '../../src/protocol/api/32-describe-configs.ts'
import { RawConnection } from '../clients/raw/connection.ts'
import { portIn, type Running, scratchDirectory, startMoldau, stop } from './process.ts'

/** What the settings of Kafka 4's own quickstart say. */
const quorumFile = `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,\\
  SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=kraft-logs
num.partitions=3
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
`

/** A file as the last Kafka with ZooKeeper had it. */
const zooKeeperFile = `
broker.id=0
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
log.dirs=zk-logs
num.partitions=2
offsets.topic.replication.factor=1
zookeeper.connect=localhost:2181
zookeeper.connection.timeout.ms=18000
group.initial.rebalance.delay.ms=0
inter.broker.protocol.version=2.8
log.message.format.version=2.8
`

test('a file for KRaft is taken, on another port too, and clients are told that port', async (t) => {
  const broker = startWith(quorumFile, scratchDirectory(t), ['--port', '0'])
  // Port 0 in the file's place: whatever is free is what clients have to be told.
  const line = await broker.ready()
  assert.match(line, /^Moldau ready on 0\.0\.0\.0:\d+ · node 1 · .* · data \S+\/kraft-logs · /)
  const connection = await RawConnection.open(`127.0.0.1:${portIn(line)}`)
  const { brokers } = await connection.ask(metadata, 12, { topics: [] })
  assert.deepEqual(
    brokers.map(({ nodeId, host, port }) => ({ nodeId, host, port })),
    [{ nodeId: 1, host: 'localhost', port: portIn(line) }],
  )
  const configs = await connection.ask(describeConfigs, 4, {
    resources: [
      { resourceType: 4, resourceName: '1', configurationKeys: ['log.dirs', 'num.partitions'] },
    ],
  })
  assert.deepEqual(
    configs.results[0]?.configs.map(({ name, value }) => [name, value]),
    [
      ['log.dirs', 'kraft-logs'],
      ['num.partitions', '3'],
    ],
  )
  connection.close()
  assertNotNeeded((await stop(broker)).stderr, ['process.roles', 'controller.quorum', 'num.io'])
})

test('a file from the time of ZooKeeper is taken', async (t) => {
  const broker = startWith(zooKeeperFile, scratchDirectory(t), ['--port', '0'])
  const line = await broker.ready()
  assert.match(line, /^Moldau ready on 0\.0\.0\.0:\d+ · node 0 · .* · data \S+\/zk-logs · /)
  const wanted = ['zookeeper.connect', 'inter.broker.protocol.version', 'log.message.format']
  assertNotNeeded((await stop(broker)).stderr, wanted)
})

test('options win over the file', async (t) => {
  const directory = scratchDirectory(t)
  const broker = startWith(zooKeeperFile, directory, [
    ...['--data', 'mine', '--set', 'broker.id=5', '--set', 'listeners=PLAINTEXT://127.0.0.1:0'],
  ])
  const line = await broker.ready()
  assert.match(line, /^Moldau ready on 127\.0\.0\.1:\d+ · node 5 · .* · data \S+\/mine · /)
  await stop(broker)
})

test('an unknown key warns, with its line and the key that was probably meant', async (t) => {
  const args = ['--port', '0', '--memory']
  const broker = startWith('num.partition=3\nmy.own=1\n', scratchDirectory(t), args)
  await broker.ready()
  const { stderr } = await stop(broker)
  const warnings = stderr.split('\n').filter((line) => line.includes(' WARN '))
  assert.equal(warnings.length, 2)
  assert.match(warnings[0] ?? '', /Is num\.partitions meant\? .*from=server\.properties:1/)
  assert.match(warnings[1] ?? '', /No setting has this name.* key=my\.own /)
})

function startWith(file: string, directory: string, args: readonly string[]): Running {
  writeFileSync(path.join(directory, 'server.properties'), file)
  return startMoldau(['--config', 'server.properties', ...args], directory)
}

/** One line names all keys without effect; nothing warns. */
function assertNotNeeded(log: string, names: readonly string[]): void {
  assert.doesNotMatch(log, / (WARN|ERROR) /)
  const lines = log.split('\n').filter((line) => line.includes('are not needed here'))
  assert.equal(lines.length, 1)
  for (const name of names) assert.ok(lines[0]?.includes(name), `${name} in ${lines[0]}`)
}
