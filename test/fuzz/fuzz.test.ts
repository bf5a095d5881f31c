import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KafkaError } from '../../src/protocol/errors.ts'
import { fuzz } from './fuzz.ts'
import { targets } from './targets.ts'

const ATTEMPTS_PER_TARGET = 1_500

for (const target of targets) {
  test(`${target.name}: any bytes are decoded or refused, in bounded time`, (t) => {
    const seed = Date.now() % 1_000_000_000
    t.diagnostic(`seed ${seed}`)
    fuzz([target], seed, (attempts) => attempts === ATTEMPTS_PER_TARGET)
  })
}

test('a finding names its target and the seed that repeats it', () => {
  const broken = {
    name: 'broken',
    run() {
      throw new RangeError('out of bounds')
    },
  }
  assert.throws(() => fuzz([broken], 7, () => false), /broken, seed 7: not a KafkaError/)
})

test('a refusal is no finding', () => {
  const strict = {
    name: 'strict',
    run() {
      throw new KafkaError('INVALID_REQUEST')
    },
  }
  assert.deepEqual(
    fuzz([strict], 7, (attempts) => attempts === 3),
    { attempts: 3, refused: 3 },
  )
})
