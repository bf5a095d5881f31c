import { type ErrorName, KafkaError } from '../protocol/errors.ts'
import * as batch from './batch.ts'
import type { AppendRules } from './validate.ts'

/** What a produced batch must be, as far as its header tells. Part of `prepareAppend`. */

/** The one batch in `bytes`, its checksum verified. A cut-off rest behind it is left out. */
export function onlyBatch(bytes: Uint8Array, rules: AppendRules): Uint8Array {
  const sizeBytes = batch.nextBatchSize(bytes, 0)
  if (sizeBytes === batch.INCOMPLETE) {
    throw refuse('INVALID_RECORD', rules, `${bytes.length} bytes hold no whole batch`)
  }
  if (sizeBytes === batch.DAMAGED) {
    throw refuse('CORRUPT_MESSAGE', rules, 'the bytes do not begin with a batch')
  }
  if (batch.magic(bytes) !== batch.CURRENT_MAGIC) {
    throw refuse('INVALID_RECORD', rules, `the batch has magic ${batch.magic(bytes)}, not 2`)
  }
  if (bytes.length > sizeBytes) {
    const next = batch.nextBatchSize(bytes, sizeBytes)
    if (next === batch.DAMAGED) {
      throw refuse('CORRUPT_MESSAGE', rules, 'what follows the batch is none')
    }
    if (next !== batch.INCOMPLETE) {
      throw refuse('INVALID_RECORD', rules, 'more than one batch for one partition')
    }
  }
  const one = bytes.length === sizeBytes ? bytes : bytes.subarray(0, sizeBytes)
  const isFromClient = rules.origin !== 'coordinator'
  if (isFromClient && !isZero(one)) {
    throw refuse('INVALID_RECORD', rules, 'the base offset of a produced batch must be 0')
  }
  checkSize(one, rules)
  const damage = batch.batchDamage(one)
  if (damage) throw refuse('CORRUPT_MESSAGE', rules, damage)
  return one
}

/** Whether the base offset is 0, whatever 64 bits it has. */
function isZero(one: Uint8Array): boolean {
  for (let at = 0; at < 8; at++) if (one[at] !== 0) return false
  return true
}

export function checkSize(one: Uint8Array, rules: AppendRules): void {
  if (one.length <= rules.maxMessageBytes) return
  throw refuse(
    'MESSAGE_TOO_LARGE',
    rules,
    `the batch has ${one.length} bytes, max.message.bytes is ${rules.maxMessageBytes}`,
  )
}

/** What a client's header must say. Coordinators are ours and know what they write. */
export function checkHeader(one: Uint8Array, rules: AppendRules): void {
  if (rules.origin === 'coordinator') return
  const count = batch.recordCount(one)
  const delta = batch.lastOffsetDelta(one)
  if (count <= 0 || count !== delta + 1) {
    throw refuse('INVALID_RECORD', rules, `${count} records, but the last offset delta is ${delta}`)
  }
  if (batch.isControlBatch(one)) {
    throw refuse('INVALID_RECORD', rules, 'clients may not write control records')
  }
  const hasProducer = batch.producerId(one) > batch.NO_PRODUCER_ID
  if (hasProducer && batch.baseSequence(one) < 0) {
    throw refuse(
      'INVALID_RECORD',
      rules,
      `producer ${batch.producerId(one)} sent the sequence ${batch.baseSequence(one)}`,
    )
  }
  if (batch.isTransactional(one) && !hasProducer) {
    throw refuse('INVALID_RECORD', rules, 'a transactional batch needs a producer id')
  }
}

/** An error that names the partition. */
export function refuse(error: ErrorName, rules: AppendRules, detail: string): KafkaError {
  return new KafkaError(error, `${partitionName(rules)}: ${detail}`)
}

export function partitionName(rules: AppendRules): string {
  return rules.partition === undefined ? rules.topic : `${rules.topic}-${rules.partition}`
}

/**
 * zstd came with produce v7 (KIP-110): older versions may not carry it.
 * @throws KafkaError UNSUPPORTED_COMPRESSION_TYPE
 */
export function checkCodecAllowed(bytes: Uint8Array, produceVersion: number): void {
  if (produceVersion >= 7 || bytes.length < batch.BATCH_OVERHEAD_BYTES) return
  if (batch.magic(bytes) !== batch.CURRENT_MAGIC || batch.codecId(bytes) !== 4) return
  throw new KafkaError(
    'UNSUPPORTED_COMPRESSION_TYPE',
    `produce version ${produceVersion} may not carry zstd, which needs version 7`,
  )
}
