import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Setting } from '../config/server-config.ts'
import { type SettingOptions, startSettings } from './start-settings.ts'

/** What is left of the layers: `key=value` by key, later layers winning. */
function settled(options: Partial<SettingOptions>, file?: string): Record<string, string> {
  const settings = file?.split(' ').map((entry): Setting => {
    const [key = '', value = ''] = entry.split('=')
    return { key, value, from: 'file' }
  })
  const layers = startSettings({ set: [], ...options }, settings)
  return Object.fromEntries(layers.flat().map(({ key, value }) => [key, value]))
}

const kafka =
  'listeners=CONTROLLER://:9093,PLAINTEXT://:9092,INTERNAL://[::1]:9094 ' +
  'advertised.listeners=PLAINTEXT://example.org:9092,INTERNAL://inside:9094 ' +
  'controller.listener.names=CONTROLLER log.dirs=/kafka'

const rows: readonly (readonly [
  rule: string,
  options: Partial<SettingOptions>,
  file: string | undefined,
  expected: Readonly<Record<string, string>>,
])[] = [
  [
    'without anything the broker is for this machine alone',
    {},
    undefined,
    { listeners: 'PLAINTEXT://127.0.0.1:9092', 'log.dirs': './data' },
  ],
  [
    'options choose port and directory',
    { port: '0', data: '/mine' },
    undefined,
    { listeners: 'PLAINTEXT://127.0.0.1:0', 'log.dirs': '/mine' },
  ],
  [
    '--memory wins over --data',
    { memory: true, data: '/mine' },
    undefined,
    { listeners: 'PLAINTEXT://127.0.0.1:9092', 'log.dirs': '/memory' },
  ],
  [
    '--set wins over all',
    { port: '1', set: ['listeners=PLAINTEXT://:2', 'log.dirs=/set'] },
    undefined,
    { listeners: 'PLAINTEXT://:2', 'log.dirs': '/set' },
  ],
  [
    'a file without listeners listens as Kafka would',
    {},
    'broker.id=3',
    { 'broker.id': '3', listeners: 'PLAINTEXT://:9092', 'log.dirs': './data' },
  ],
  [
    '--port moves the listener a file does not name',
    { port: '9' },
    'log.dir=/kafka',
    { 'log.dir': '/kafka', listeners: 'PLAINTEXT://:9' },
  ],
  [
    'a file keeps its addresses and directory',
    {},
    kafka,
    {
      listeners: 'CONTROLLER://:9093,PLAINTEXT://:9092,INTERNAL://[::1]:9094',
      'advertised.listeners': 'PLAINTEXT://example.org:9092,INTERNAL://inside:9094',
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': '/kafka',
    },
  ],
  [
    '--port moves the first listener for clients, also where clients are told of it',
    { port: '19092' },
    kafka,
    {
      listeners: 'CONTROLLER://:9093,PLAINTEXT://:19092,INTERNAL://[::1]:9094',
      'advertised.listeners': 'PLAINTEXT://example.org:19092,INTERNAL://inside:9094',
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': '/kafka',
    },
  ],
]
for (const [rule, options, file, expected] of rows) {
  test(rule, () => {
    assert.deepEqual(settled(options, file), expected)
  })
}

for (const port of ['65536', '-1', '', '9092x', '1e3', '0x50']) {
  test(`--port ${JSON.stringify(port)} is no port`, () => {
    const message = `--port ${port}: expected a number from 0 to 65535`
    assert.throws(() => settled({ port }), { name: 'ConfigError', message })
  })
}
