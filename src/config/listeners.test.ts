import assert from 'node:assert/strict'
import { test } from 'node:test'
import { brokerConfig } from './broker.ts'
import { readConnectionOverrides, readListeners } from './listeners.ts'

const read = (texts: Record<string, string>) => readListeners(brokerConfig.parse(texts).values)

test('listeners may be IPv4, IPv6, names or all interfaces', () => {
  const listeners = 'PLAINTEXT://:9092,a://[::1]:1,b://10.0.0.1:1,SSL://kafka.example:0'
  const map = 'PLAINTEXT:PLAINTEXT,A:SASL_SSL,B:PLAINTEXT,ssl:ssl'
  const { bound } = read({ listeners, 'listener.security.protocol.map': map })
  assert.deepEqual(
    bound.map(({ name, host, port, securityProtocol }) => [name, host, port, securityProtocol]),
    [
      ['PLAINTEXT', '', 9092, 'PLAINTEXT'],
      ['A', '::1', 1, 'SASL_SSL'],
      ['B', '10.0.0.1', 1, 'PLAINTEXT'],
      ['SSL', 'kafka.example', 0, 'SSL'],
    ],
  )
})

const refused: readonly [rule: string, texts: Record<string, string>, sentence: RegExp][] = [
  ['an address without a name', { listeners: ':9092' }, /:9092 for configuration listeners/],
  ['an address without a port', { listeners: 'PLAINTEXT://h' }, /NAME:\/\/host:port/],
  ['a port beyond 65535', { listeners: 'PLAINTEXT://h:65536' }, /port 0 to 65535/],
  ['a name without a protocol', { listeners: 'FOO://h:1' }, /knows: SASL_SSL, PLAINTEXT/],
  ['an unknown protocol', { 'listener.security.protocol.map': 'A:TLS' }, /PROTOCOL one of/],
  ['one name twice', { listeners: 'SSL://h:1,ssl://h:2' }, /a name of its own/],
  ['one port twice', { listeners: 'SSL://h:1,PLAINTEXT://h:1' }, /a port of its own/],
  [
    'only listeners of controllers',
    { listeners: 'C://:1', 'controller.listener.names': 'C' },
    /at least one listener/,
  ],
  [
    'an advertised address nobody can connect to',
    { 'advertised.listeners': 'PLAINTEXT://0.0.0.0:9092' },
    /0\.0\.0\.0 and :: are not/,
  ],
  [
    'one port for all interfaces and for one of them',
    { listeners: 'SSL://:1,PLAINTEXT://10.0.0.1:1' },
    /a port of its own/,
  ],
  [
    'an advertised name that is not listened on',
    { 'advertised.listeners': 'SSL://h:9092' },
    /names of listeners: PLAINTEXT/,
  ],
]
for (const [rule, texts, sentence] of refused)
  test(`${rule} is refused`, () => {
    assert.throws(() => read(texts), { name: 'ConfigError', message: sentence })
  })

test('connection limits of single addresses are host:count pairs', () => {
  assert.deepEqual(
    [...readConnectionOverrides('10.0.0.1:5, ::1:7,[fe80::1]:9')],
    [
      ['10.0.0.1', 5],
      ['::1', 7],
      ['fe80::1', 9],
    ],
  )
  assert.throws(() => readConnectionOverrides('10.0.0.1'), /host:count/)
})
