import { sizeOfVarint, varintEnd, writeVarint } from '../kernel/varint.ts'
import * as batch from './batch.ts'
import { writeBatch } from './builder.ts'
import { type CompressionName, compressionId } from './compression/compression.ts'
import { RecordCursor } from './cursor.ts'

/** Writing a batch anew with the same records: for another codec, or with right offset deltas. */

/** `one` with other record bytes, which are compressed with `target`. All else is kept. */
export function rewritten(
  one: Uint8Array,
  target: CompressionName,
  records: Uint8Array,
): Uint8Array {
  const header = batch.readHeader(one)
  const attributes = (header.attributes & ~batch.CODEC_MASK) | compressionId(target)
  return writeBatch(records, { ...header, attributes })
}

/** The plain records of the batch `one` with the offset deltas 0, 1, 2 …, all else as it was. */
export function renumbered(one: Uint8Array, records: Uint8Array): Uint8Array {
  const cursor = new RecordCursor(one, 0, records, 0)
  // A delta takes five bytes at most, and may lengthen the record's size by one.
  const result = new Uint8Array(records.length + cursor.count * 6)
  let end = 0
  for (let index = 0; cursor.next(); index++) {
    const bodyAt = varintEnd(records, cursor.start)
    const deltaAt = varintEnd(records, bodyAt + 1) // behind attributes and timestamp
    const fieldsAt = varintEnd(records, deltaAt)
    const recordEnd = cursor.start + cursor.sizeBytes
    const bodyBytes = deltaAt - bodyAt + sizeOfVarint(index) + recordEnd - fieldsAt
    end = writeVarint(result, end, bodyBytes)
    result.set(records.subarray(bodyAt, deltaAt), end)
    end = writeVarint(result, end + deltaAt - bodyAt, index)
    result.set(records.subarray(fieldsAt, recordEnd), end)
    end += recordEnd - fieldsAt
  }
  return result.subarray(0, end)
}
