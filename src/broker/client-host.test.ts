import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clientHost } from './client-host.ts'

const rows = [
  ['127.0.0.1', '/127.0.0.1'],
  ['::ffff:10.1.2.3', '/10.1.2.3'],
  ['::1', '/0:0:0:0:0:0:0:1'],
  ['::', '/0:0:0:0:0:0:0:0'],
  ['2001:db8::8:800:200c:417a', '/2001:db8:0:0:8:800:200c:417a'],
  ['2001:0db8:0:0:8:800:200c:00aa', '/2001:db8:0:0:8:800:200c:aa'],
  ['fe80::1%eth0', '/fe80:0:0:0:0:0:0:1%eth0'],
] as const

for (const [remoteHost, expected] of rows) {
  test(`the client ${remoteHost} is shown as ${expected}`, () => {
    assert.equal(clientHost(remoteHost), expected)
  })
}
