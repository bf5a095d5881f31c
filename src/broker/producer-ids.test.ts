import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PRODUCER_ID_BLOCK } from '../controller/producer-ids.ts'
import { initProducerId } from '../protocol/api/22-init-producer-id.ts'
import { errors } from '../protocol/errors.ts'
import { TestBroker } from './broker-fixtures-for-test.ts'

const REQUEST = { transactionalId: null, transactionTimeoutMs: 60_000 }

test('no producer id is given twice, to however many ask at once', async () => {
  const b = await TestBroker.start()
  const connections = await Promise.all([b.connect(), b.connect(), b.connect()])
  const asked = Array.from({ length: PRODUCER_ID_BLOCK + 500 }, (_, index) => {
    return connections[index % connections.length]!.send(initProducerId, 5, REQUEST)
  })
  const answers = await b.simulation.until(Promise.all(asked))
  const ids = new Set(answers.map(({ producerId }) => producerId))
  assert.equal(ids.size, asked.length)
  assert.ok(answers.every(({ errorCode, producerEpoch }) => errorCode === 0 && producerEpoch === 0))
  await b.stop()
})

test('no producer id is given again after a stop or a crash', async () => {
  const b = await TestBroker.start()
  const next = async () => (await b.ask(initProducerId, REQUEST)).producerId
  const ids = [await next(), await next()]
  await b.stop()
  await b.start()
  ids.push(await next())
  await b.crash()
  await b.start()
  ids.push(await next())
  assert.equal(new Set(ids).size, ids.length)
  await b.stop()
})

test('no producer id is given that an adopted log knows: its first batch would pass for another', async () => {
  const b = await TestBroker.start()
  await b.createTopic('t')
  const known = await b.ask(initProducerId, REQUEST)
  await produceFirst(b, known.producerId, 'of the former life')
  await b.stop()
  b.forgetMetadata()
  await b.start()
  const fresh = await b.ask(initProducerId, REQUEST)
  assert.ok(fresh.producerId > known.producerId)
  assert.equal((await produceFirst(b, fresh.producerId, 'of this one')).baseOffset, 1)
  await b.stop()
})

/** Sends the first batch that an idempotent producer sends. */
function produceFirst(b: TestBroker, producerId: number, value: string) {
  return b.produce('t', [value], { producerId, producerEpoch: 0, baseSequence: 0 })
}

const refused: readonly (readonly [string, object, keyof typeof errors])[] = [
  ['an empty transactional id', { transactionalId: '' }, 'INVALID_REQUEST'],
  ['an id without an epoch', { producerId: 5 }, 'INVALID_REQUEST'],
  ['an epoch without an id', { producerEpoch: 5 }, 'INVALID_REQUEST'],
]
for (const [what, over, error] of refused) {
  test(`${what} is ${error}`, async () => {
    const b = await TestBroker.start()
    const answer = await b.ask(initProducerId, { ...REQUEST, ...over })
    assert.equal(answer.errorCode, errors[error].code)
    assert.deepEqual([answer.producerId, answer.producerEpoch], [-1, -1])
    await b.stop()
  })
}

test('a producer that names its id and epoch gets new ones', async () => {
  const b = await TestBroker.start()
  const first = await b.ask(initProducerId, REQUEST)
  const { producerId } = first
  const again = await b.ask(initProducerId, { ...REQUEST, producerId, producerEpoch: 3 })
  assert.notEqual(again.producerId, producerId)
  assert.equal(again.producerEpoch, 0)
  await b.stop()
})
