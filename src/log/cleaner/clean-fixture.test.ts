import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { KeyedLog } from './keyed-log-for-test.ts'

/*
 * What Kafka's own cleaner left of a partition, against what ours leaves of the same records. Its files
 * are reference data outside of the repository.
 */

const FIXTURE = new URL(
  '../../../../shared/reference/kafka/fixtures/log-dir/compacted-0/',
  import.meta.url,
)
const skip = !existsSync(FIXTURE) && 'no ../shared/reference/kafka/fixtures'

/** When the first record of the fixture was sent. */
const FIXTURE_T0 = 1_700_000_000_000
/** Of the largest `delete.retention.ms`: then tombstones stay for ever. */
const LARGEST_INT64 = 2 ** 63

test('a compaction leaves the files that Kafka leaves, byte for byte', { skip }, async () => {
  const fixture = new KeyedLog({
    config: {
      'index.interval.bytes': 128,
      'delete.retention.ms': LARGEST_INT64,
      'segment.ms': 60_000,
    },
  })
  await fixture.open()
  for (let base = 0; base < 200; base += 10) {
    const records = Array.from({ length: 10 }, (_, index) => {
      const n = base + index
      const timestamp = FIXTURE_T0 + Math.floor(n / 20) * 120_000 + n
      return { key: `key-${n % 13}`, value: n % 17 === 16 ? null : `value-${n}`, timestamp }
    })
    await fixture.add(records, { producerId: 9, producerEpoch: 0, baseSequence: base })
  }
  await fixture.clean()
  assert.equal(fixture.log.cleanedTo, 180)
  for (const name of ['.log', '.index', '.timeindex']) {
    const file = `${'0'.repeat(20)}${name}`
    const theirs = readFileSync(new URL(file, FIXTURE))
    assert.equal(Buffer.from(fixture.bytesOf(file)).toString('hex'), theirs.toString('hex'), file)
  }
  const active = `${'180'.padStart(20, '0')}.log`
  assert.deepEqual(fixture.bytesOf(active), new Uint8Array(readFileSync(new URL(active, FIXTURE))))
  assert.deepEqual(fixture.logFiles(), [`${'0'.repeat(20)}.log`, active])
})
