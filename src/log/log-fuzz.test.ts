import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seededRandom } from '../kernel/seeded-random.ts'
import { KafkaError } from '../protocol/errors.ts'
import { batchOf, batchOfBytes, DIRECTORY, T0, TestLog } from './log-for-test.ts'

/** Files of a healthy log with three segments, transactions included. */
async function healthyFiles(): Promise<ReadonlyMap<string, Uint8Array>> {
  const fixture = new TestLog({ config: { 'segment.bytes': 2_000, 'index.interval.bytes': 200 } })
  await fixture.open()
  for (let i = 0; i < 8; i++) {
    const producer = { producerId: 7, producerEpoch: 0, baseSequence: i, timestamp: T0 + i }
    fixture.append(batchOfBytes(500, producer))
  }
  await fixture.settle(fixture.log.close(true))
  return new Map(
    fixture.files().map((name) => [name, fixture.disk.readFile(`${DIRECTORY}/${name}`)]),
  )
}

test('a log opens, answers and appends whatever bytes its files hold', async (context) => {
  const healthy = await healthyFiles()
  for (let seed = 1; seed <= 300; seed++) {
    const random = seededRandom(seed)
    const fixture = new TestLog({ seed, tailCacheBytes: 0 })
    for (const [name, bytes] of healthy) {
      const damaged = random.below(2) === 0 ? bytes : spoiled(bytes, random)
      fixture.disk.replaceFile(`${DIRECTORY}/${name}`, damaged)
    }
    try {
      const recoveryPoint = random.below(10)
      const log = await fixture.open({ recoveryPoint, cleanShutdown: random.below(2) === 0 })
      const end = Math.min(log.logEndOffset, log.logStartOffset + 20) // damage can set it anywhere
      for (let offset = log.logStartOffset; offset < end; offset++) {
        await orCorrupt(() => fixture.read(offset).then((read) => read.release()))
      }
      await orCorrupt(() => fixture.settle(log.offsetForTimestamp(T0 + 3)))
      await orCorrupt(() => fixture.settle(log.maxTimestamp()))
      await orCorrupt(async () => log.abortedTransactions(0, log.logEndOffset))
      const { baseOffset } = fixture.append(batchOf(['alive']), 2 ** 30)
      await fixture.turn()
      assert.equal((await fixture.read(baseOffset)).firstBatchBaseOffset, baseOffset)
      await fixture.restart()
      assert.equal(fixture.log.logEndOffset, baseOffset + 1)
    } catch (error) {
      context.diagnostic(`seed ${seed}`)
      throw error
    }
  }
})

function spoiled(bytes: Uint8Array, random: ReturnType<typeof seededRandom>): Uint8Array {
  const copy = bytes.slice()
  switch (random.below(5)) {
    case 0:
      return random.bytes(random.below(300))
    case 1:
      return copy.subarray(0, random.below(copy.length + 1))
    case 2:
      return Buffer.concat([copy, random.bytes(random.below(100))])
    case 3:
      return Buffer.concat([copy, new Uint8Array(random.below(5_000))])
    default:
      for (let count = 1 + random.below(8); count > 0 && copy.length > 0; count--) {
        copy[random.below(copy.length)] = random.below(256)
      }
      return copy
  }
}

/** Damage may be reported, as damage. */
async function orCorrupt(run: () => Promise<unknown>): Promise<void> {
  try {
    await run()
  } catch (error) {
    if (!(error instanceof KafkaError) || error.error !== 'CORRUPT_MESSAGE') throw error
  }
}
