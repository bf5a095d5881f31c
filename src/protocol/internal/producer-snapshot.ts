/** Producer snapshots: what recovery starts from, so that duplicates are still known after a
 *  restart. */

import { array, field, int16, int32, int64, message, uint32 } from '../schema.ts'

/** A `.snapshot` file: the producers of a partition up to the offset in its name. */
export const producerSnapshot = message({
  name: 'ProducerSnapshot',
  versions: '1',
  flexible: 'none',
  fields: {
    /** CRC-32C of everything behind it. */
    crc: field(uint32),
    producerEntries: field(
      array({
        producerId: field(int64),
        epoch: field(int16),
        lastSequence: field(int32),
        lastOffset: field(int64),
        /** Offsets from the first to the last record of the last batch. */
        offsetDelta: field(int32),
        timestamp: field(int64),
        /** Of the last marker; -1: none. */
        coordinatorEpoch: field(int32),
        /** -1: no transaction is open. */
        currentTxnFirstOffset: field(int64),
      }),
    ),
  },
})
