import { ClientError } from '../errors.ts'
import type { FailureReason } from './position.ts'
import type { TopicPartition } from './topic-partition.ts'

/** A partition has no valid position and `auto.offset.reset` is none: seek to go on. */
export class OffsetError extends ClientError {
  override readonly name = 'OffsetError'
  readonly reason: FailureReason

  constructor({ topic, partition }: TopicPartition, reason: FailureReason) {
    const advice = 'Seek to an offset, or set auto.offset.reset.'
    super('OFFSET_OUT_OF_RANGE', `${sentence(reason)} ${advice}`, { topic, partition })
    this.reason = reason
  }
}

function sentence(reason: FailureReason): string {
  switch (reason.type) {
    case 'no-offset':
      return 'the group has committed no offset of it.'
    case 'out-of-range':
      return `offset ${reason.offset} is outside the log.`
    case 'truncated': {
      const where = reason.endOffset < 0 ? '' : `, now ends at ${reason.endOffset} there`
      return `the log was cut below offset ${reason.offset}${where}.`
    }
  }
}
