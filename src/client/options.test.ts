import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError } from '../config/config-error.ts'
import { producerConfig } from '../config/producer.ts'
import { readOptions } from './options.ts'

const OWN: ReadonlySet<string> = new Set(['partitioner'])

function read(options: object) {
  const warnings: string[] = []
  const parsed = readOptions(producerConfig, options, OWN, (sentence) => warnings.push(sentence))
  return { values: parsed.values, warnings }
}

test('an option is read by its name and in camel case, as a value and as a text', () => {
  for (const options of [
    { 'linger.ms': 7, 'bootstrap.servers': 'a:1,b:2' },
    { lingerMs: '7', bootstrapServers: ['a:1', 'b:2'] },
  ]) {
    const { values, warnings } = read(options)
    assert.equal(values['linger.ms'], 7)
    assert.deepEqual(values['bootstrap.servers'], ['a:1', 'b:2'])
    assert.deepEqual(warnings, [])
  }
})

test('a bad value is refused with its key, itself and the range', () => {
  assert.throws(
    () => read({ lingerMs: -1 }),
    (error) => {
      assert.ok(error instanceof ConfigError)
      assert.match(error.message, /Invalid value -1 for configuration linger\.ms.*at least 0/)
      return true
    },
  )
})

test('an unknown option is warned about, with the one that was probably meant', () => {
  const { warnings } = read({ lingerMS: 5, partitioner: () => 0 })
  assert.deepEqual(warnings, ["'lingerMS' is no option of this client; did you mean 'lingerMs'?"])
})

test('an option in both spellings is refused, one that is undefined is not given', () => {
  assert.throws(() => read({ lingerMs: 1, 'linger.ms': 2 }), /linger\.ms is given twice/)
  assert.equal(read({ lingerMs: undefined }).values['linger.ms'], 5)
})

test('a key without effect here is warned about', () => {
  const { warnings } = read({ 'receive.buffer.bytes': 1_000 })
  assert.deepEqual(warnings, ['receive.buffer.bytes has no effect in this client'])
})
