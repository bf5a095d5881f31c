import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../config/config-error.ts'
import { networkLimits } from './limits.ts'

const CONFIG: Parameters<typeof networkLimits>[0] = {
  'socket.request.max.bytes': 1,
  'queued.max.request.bytes': -1,
  'max.connections': 2,
  'max.connections.per.ip': 3,
  'max.connections.per.ip.overrides': '',
  'connections.max.idle.ms': 4,
  'moldau.first.request.timeout.ms': 5,
  'moldau.first.request.max.bytes': 6,
  'moldau.slow.reader.timeout.ms': 7,
  'moldau.max.response.queue.bytes': 8,
  'moldau.max.inflight.requests.per.connection': 9,
}

test('what is unlimited in the configuration is so in the limits', () => {
  const limits = networkLimits({ ...CONFIG, 'connections.max.idle.ms': -1 })
  assert.equal(limits.queuedRequestMaxBytes, Number.POSITIVE_INFINITY)
  assert.equal(limits.idleMs, Number.POSITIVE_INFINITY)
  assert.equal(networkLimits({ ...CONFIG, 'queued.max.request.bytes': 5 }).queuedRequestMaxBytes, 5)
})

test('addresses may have limits of their own', () => {
  const overrides = '10.0.0.1:100, [fe80::1]:200,localhost:7'
  const limits = networkLimits({ ...CONFIG, 'max.connections.per.ip.overrides': overrides })
  const expected = [
    ['10.0.0.1', 100],
    ['fe80::1', 200],
    ['127.0.0.1', 7],
    ['::1', 7],
  ] as const
  assert.deepEqual([...limits.maxConnectionsByHost], expected)
})

for (const overrides of ['10.0.0.1', ':5', '10.0.0.1:x', '10.0.0.1:-1', '10.0.0.1:']) {
  test(`${overrides} is no limit of an address`, () => {
    const config = { ...CONFIG, 'max.connections.per.ip.overrides': overrides }
    assert.throws(() => networkLimits(config), ConfigError)
  })
}
