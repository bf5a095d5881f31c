import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../config/config-error.ts'
import { type ListenerKeys, parseListeners } from './listener.ts'

const MAP = 'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT'

function keys(listeners: string, advertised: string | null = null, map = MAP): ListenerKeys {
  return {
    listeners: listeners.split(','),
    'advertised.listeners': advertised === null ? null : advertised.split(','),
    'listener.security.protocol.map': map,
  }
}

const read: readonly (readonly [string, ListenerKeys, readonly string[]])[] = [
  [
    'the default',
    keys('PLAINTEXT://:9092'),
    ['PLAINTEXT PLAINTEXT :9092 advertised by connection'],
  ],
  [
    'all interfaces',
    keys('PLAINTEXT://0.0.0.0:1'),
    ['PLAINTEXT PLAINTEXT 0.0.0.0:1 advertised by connection'],
  ],
  [
    'all IPv6 interfaces',
    keys('PLAINTEXT://[::]:1'),
    ['PLAINTEXT PLAINTEXT :::1 advertised by connection'],
  ],
  [
    'a host',
    keys('PLAINTEXT://localhost:0'),
    ['PLAINTEXT PLAINTEXT localhost:0 advertised localhost:0'],
  ],
  [
    'an IPv6 address',
    keys('plaintext://[::1]:9092'),
    ['PLAINTEXT PLAINTEXT ::1:9092 advertised ::1:9092'],
  ],
  [
    'several, named, some advertised',
    keys('IN://:1,OUT://10.0.0.1:2', 'OUT://example.org:443', 'IN:PLAINTEXT, out:sasl_ssl'),
    [
      'IN PLAINTEXT :1 advertised by connection',
      'OUT SASL_SSL 10.0.0.1:2 advertised example.org:443',
    ],
  ],
  [
    'one port for IPv4 and IPv6',
    keys('A://127.0.0.1:1,B://[::1]:1', null, 'A:PLAINTEXT,B:SSL'),
    ['A PLAINTEXT 127.0.0.1:1 advertised 127.0.0.1:1', 'B SSL ::1:1 advertised ::1:1'],
  ],
]
for (const [what, config, expected] of read) {
  test(`listeners: ${what}`, () => {
    const found = parseListeners(config).map(
      ({ name, securityProtocol, host, port, advertised }) => {
        const told = advertised ? `${advertised.host}:${advertised.port}` : 'by connection'
        return `${name} ${securityProtocol} ${host}:${port} advertised ${told}`
      },
    )
    assert.deepEqual(found, expected)
  })
}

const refused: readonly (readonly [string, ListenerKeys, RegExp])[] = [
  ['no port', keys('PLAINTEXT://host'), /NAME:\/\/host:port/],
  ['a port too large', keys('PLAINTEXT://:65536'), /NAME:\/\/host:port/],
  ['no name', keys('://:9092'), /NAME:\/\/host:port/],
  ['an IPv6 address without brackets', keys('PLAINTEXT://::1:9092'), /NAME:\/\/host:port/],
  ['a name twice', keys('PLAINTEXT://:1,plaintext://:2'), /PLAINTEXT is used twice/],
  ['a port twice', keys('PLAINTEXT://:1,SSL://:1'), /port 1 is used twice/],
  ['a name without protocol', keys('INTERNAL://:1'), /INTERNAL/],
  ['an unknown protocol', keys('A://:1', null, 'A:QUIC'), /NAME:PROTOCOL/],
  ['a name with two protocols', keys('A://:1', null, 'A:SSL,A:PLAINTEXT'), /named twice/],
  ['advertising a stranger', keys('PLAINTEXT://:1', 'OTHER://h:1'), /OTHER is no listener/],
  [
    'advertising all interfaces',
    keys('PLAINTEXT://:1', 'PLAINTEXT://0.0.0.0:1'),
    /0\.0\.0\.0 is no address/,
  ],
  ['advertising no host', keys('PLAINTEXT://:1', 'PLAINTEXT://:1'), /an empty host is no address/],
]
for (const [what, config, message] of refused) {
  test(`listeners are refused for ${what}`, () => {
    assert.throws(
      () => parseListeners(config),
      (error) => error instanceof ConfigError && message.test(error.message),
    )
  })
}
