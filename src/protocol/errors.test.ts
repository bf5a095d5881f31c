import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { type ErrorName, errorName, errors, KafkaError, staleMetadataErrors } from './errors.ts'

const reference = new URL('../../../shared/reference/kafka/errors.json', import.meta.url)

test('names and codes map onto each other, one to one, in the order of the codes', () => {
  const codes = Object.values(errors).map((row) => row.code)
  assert.deepEqual(
    codes,
    codes.map((_, index) => index - 1),
  )
  for (const [name, row] of Object.entries(errors)) assert.equal(errorName(row.code), name)
})

test('a code of a newer peer reads as an unknown server error', () => {
  assert.equal(errorName(32_000), 'UNKNOWN_SERVER_ERROR')
})

test('an error carries its code, its detail and its cause', () => {
  const cause = new Error('disk')
  const error = new KafkaError('KAFKA_STORAGE_ERROR', 'data/a-0: write failed', { cause })
  assert.equal(error.code, 56)
  assert.equal(error.retriable, true)
  assert.equal(error.message, 'data/a-0: write failed')
  assert.equal(error.cause, cause)
  assert.equal(new KafkaError('NONE').message, errors.NONE.message)
})

const skip = existsSync(reference) ? false : 'no ../shared/reference to compare with'
test('the table agrees with the published one', { skip }, () => {
  const published = JSON.parse(readFileSync(reference, 'utf8')) as {
    code: number
    name: ErrorName
    retriable: boolean
    refreshesMetadata: boolean
  }[]
  assert.deepEqual(
    Object.entries(errors).map(([name, row]) => [row.code, name, row.retriable]),
    published.map((row) => [row.code, row.name, row.retriable]),
  )
  assert.deepEqual(
    [...staleMetadataErrors],
    published.filter((row) => row.refreshesMetadata).map((row) => row.name),
  )
})
