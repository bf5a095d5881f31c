import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'

const producer = new URL('../../src/client/producer/producer.ts', import.meta.url).href

test('a process waits for a record whose broker cannot be reached, and ends when its producer is closed', () => {
  const script = `
    import { Producer } from '${producer}'
    const producer = new Producer({ bootstrapServers: '127.0.0.1:1', maxBlockMs: 300 })
    await producer.send({ topic: 't', value: 'v' }).catch(({ error }) => console.log(error))
    await producer.close()
  `
  const args = ['--input-type=module', '--eval', script]
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    encoding: 'utf8',
    timeout: 20_000,
  })
  assert.equal(stdout, 'REQUEST_TIMED_OUT\n', stderr)
  assert.equal(status, 0, stderr)
})
