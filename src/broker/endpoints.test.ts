import assert from 'node:assert/strict'
import { test } from 'node:test'
import { optionSetting, serverConfig } from '../config/server-config.ts'
import type { BrokerImage, ClusterImage } from '../metadata/image.ts'
import { EMPTY_IMAGE } from '../metadata/image.ts'
import type { ConnectionInfo } from '../network/connection.ts'
import { endpointsFor } from './endpoints.ts'

const MAP = 'IN:PLAINTEXT,OUT:PLAINTEXT'

const configOf = (listeners: string, advertised?: string) =>
  serverConfig(
    [
      `listeners=${listeners}`,
      `listener.security.protocol.map=${MAP}`,
      ...(advertised === undefined ? [] : [`advertised.listeners=${advertised}`]),
    ].map(optionSetting),
  )

/** A client that reached the broker under this address, through the listener `name` on port 9092. */
const cameBy = (name: string, localHost: string, localPort = 9092): ConnectionInfo => ({
  id: 1,
  listener: { name, host: '', port: 9092, securityProtocol: 'PLAINTEXT' },
  remoteHost: '10.0.0.9',
  remotePort: 4_711,
  localHost,
  localPort,
  signal: new AbortController().signal,
  close() {},
})

const brokerOf = (id: number, ...endpoints: BrokerImage['endpoints']): BrokerImage => {
  return { id, epoch: id, rack: null, endpoints }
}

const imageOf = (...brokers: readonly BrokerImage[]): ClusterImage => {
  return { ...EMPTY_IMAGE, brokers: new Map(brokers.map((broker) => [broker.id, broker])) }
}

const rows: readonly (readonly [string, string, string | undefined, ConnectionInfo, string])[] = [
  [
    'the address the client came by',
    'IN://:9092',
    undefined,
    cameBy('IN', '10.1.2.3'),
    '10.1.2.3:9092',
  ],
  ['… of IPv6', 'IN://:9092', undefined, cameBy('IN', '::1'), '::1:9092'],
  [
    '… of one host',
    'IN://127.0.0.1:0',
    undefined,
    cameBy('IN', '127.0.0.1', 40_001),
    '127.0.0.1:40001',
  ],
  [
    'what is advertised',
    'IN://:9092',
    'IN://k.example:443',
    cameBy('IN', '10.1.2.3'),
    'k.example:443',
  ],
  [
    '… with the port that is bound',
    'IN://:0',
    'IN://k.example:0',
    cameBy('IN', '10.1.2.3'),
    'k.example:9092',
  ],
  [
    'the address of its own listener',
    'IN://:9092,OUT://:9093',
    'OUT://k.example:443',
    cameBy('IN', '10.1.2.3'),
    '10.1.2.3:9092',
  ],
]
for (const [what, listeners, advertised, connection, expected] of rows) {
  test(`a client is told ${what}`, () => {
    const config = configOf(listeners, advertised)
    const [own] = endpointsFor(imageOf(brokerOf(1)), 1, config, connection)
    assert.equal(`${own?.host}:${own?.port}`, expected)
  })
}

test('other brokers are told as they advertise the client’s listener, or not at all', () => {
  const image = imageOf(
    brokerOf(1),
    brokerOf(2, { name: 'IN', host: 'two', port: 1 }, { name: 'OUT', host: 'zwei', port: 2 }),
    brokerOf(3, { name: 'OUT', host: 'drei', port: 3 }),
  )
  const told = endpointsFor(image, 1, configOf('IN://:9092'), cameBy('IN', '10.1.2.3'))
  assert.deepEqual(
    told.map(({ nodeId, host, port }) => [nodeId, host, port]),
    [
      [1, '10.1.2.3', 9092],
      [2, 'two', 1],
    ],
  )
})
