import { type ErrorName, errors } from '../../protocol/errors.ts'
import { clientError, type Place } from '../errors.ts'
import type { PartitionAnswer } from './produce-request.ts'

/** What stands for the answer to a partition that the broker left out. */
export const MISSING_ANSWER: PartitionAnswer = {
  errorCode: errors.UNKNOWN_SERVER_ERROR.code,
  errorMessage: 'the broker did not answer for this partition',
  baseOffset: -1,
  logAppendTimeMs: -1,
  recordErrors: [],
  currentLeader: { leaderId: -1, leaderEpoch: -1 },
}

/** The error of one record of a refused batch: the broker names those at fault (KIP-467), the others
 *  were refused with them. */
export function errorOfRecord(
  error: ErrorName,
  answer: PartitionAnswer | undefined,
  place: Place,
  index: number,
): Error {
  const detail = answer?.errorMessage ?? null
  const named = answer?.recordErrors ?? []
  if (named.length === 0) return clientError(error, place, detail)
  const own = named.find(({ batchIndex }) => batchIndex === index)
  if (own !== undefined) return clientError(error, place, own.batchIndexErrorMessage ?? detail)
  const others = `it was in a batch with ${named.length} records that the broker refused.`
  return clientError('INVALID_RECORD', place, others)
}
