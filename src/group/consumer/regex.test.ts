import assert from 'node:assert/strict'
import { test } from 'node:test'
import { clusterWith } from './cluster-fixtures-for-test.ts'
import { compilePattern, resolvePattern } from './regex.ts'

const image = clusterWith({
  orders: 1,
  'orders-eu': 1,
  Orders: 1,
  payments: 1,
  __consumer_offsets: 1,
})

// [pattern, the topics it matches]
const matches = [
  ['orders', ['orders']],
  ['orders.*', ['orders', 'orders-eu']],
  ['(?i)orders', ['Orders', 'orders']],
  ['orders|payments', ['orders', 'payments']],
  ['.*s$', ['Orders', '__consumer_offsets', 'orders', 'payments']],
  ['\\pL+', ['Orders', 'orders', 'payments']],
  ['[[:lower:]]{6}', ['orders']],
  ['rder', []],
  ['', []],
] as const

for (const [pattern, topics] of matches)
  test(`${pattern || 'the empty pattern'} matches ${topics.join(', ') || 'nothing'}`, () => {
    assert.deepEqual([...resolvePattern(pattern, image)].toSorted(), topics)
  })

// [pattern, what is wrong with it]
const refused = [
  ['a[', 'missing closing ]'],
  ['*a', 'missing argument to repetition operator'],
  ['a{1001}', 'invalid repeat count'],
  ['((a{100}){100}){100}', 'invalid repeat count'],
  ['(a)\\1', 'invalid escape sequence'],
  ['a(?=b)', 'invalid or unsupported Perl syntax'],
  ['('.repeat(2000) + ')'.repeat(2000), 'expression nests too deeply'],
  ['[a-z]{1000}'.repeat(100), 'expression is too large'],
  ['a'.repeat(250_001), 'expression is too large'],
] as const

for (const [pattern, why] of refused)
  test(`${pattern.slice(0, 30)} is refused: ${why}`, () => {
    const message = `SubscribedTopicRegex \`${pattern}\` is not a valid regular expression: ${why}.`
    assert.throws(() => compilePattern(pattern), { error: 'INVALID_REGULAR_EXPRESSION', message })
    assert.equal(resolvePattern(pattern, image).size, 0, 'and matches nothing where it is stored')
  })

test('a pattern that ruins matchers which go back over their steps takes no longer than others', () => {
  const matches = compilePattern('(a|aa)*(a*)*b')
  const start = performance.now()
  assert.equal(matches('a'.repeat(240)), false)
  assert.ok(performance.now() - start < 500)
})

test('patterns of everyday size are accepted', () => {
  const many = Array.from({ length: 1000 }, (_, index) => `topic-of-tenant-${index}`).join('|')
  assert.equal(compilePattern(many)('topic-of-tenant-999'), true)
  assert.equal(compilePattern('log-\\d{4}-\\d{2}-\\d{2}')('log-2024-01-31'), true)
})
