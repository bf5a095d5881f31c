import { array, field, int16, int32, int64, message, uint32 } from '../schema.ts'

export const producerSnapshot = message({
  name: 'ProducerSnapshot',
  versions: '1',
  flexible: 'none',
  fields: {
    crc: field(uint32),
    producerEntries: field(
      array({
        producerId: field(int64),
        epoch: field(int16),
        lastSequence: field(int32),
        lastOffset: field(int64),
        offsetDelta: field(int32),
        timestamp: field(int64),
        coordinatorEpoch: field(int32),
        currentTxnFirstOffset: field(int64),
      }),
    ),
  },
})
