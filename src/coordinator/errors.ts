import { type ErrorName, KafkaError } from '../protocol/errors.ts'

/** What clients of a coordinator are told in place of what its topic's partition says: they look for
 *  the coordinator again or try once more, and none of them knows what a leader is. */
const toldAs: Partial<Record<ErrorName, ErrorName>> = {
  NETWORK_EXCEPTION: 'COORDINATOR_LOAD_IN_PROGRESS',
  UNKNOWN_TOPIC_OR_PARTITION: 'COORDINATOR_NOT_AVAILABLE',
  NOT_ENOUGH_REPLICAS: 'COORDINATOR_NOT_AVAILABLE',
  REQUEST_TIMED_OUT: 'COORDINATOR_NOT_AVAILABLE',
  NOT_LEADER_OR_FOLLOWER: 'NOT_COORDINATOR',
  KAFKA_STORAGE_ERROR: 'NOT_COORDINATOR',
  MESSAGE_TOO_LARGE: 'UNKNOWN_SERVER_ERROR',
  RECORD_LIST_TOO_LARGE: 'UNKNOWN_SERVER_ERROR',
  INVALID_FETCH_SIZE: 'UNKNOWN_SERVER_ERROR',
}

/** The error a coordinator's caller is given, with Kafka's replacements. Others than KafkaErrors are
 *  left as they are. */
export function coordinatorError<E extends Error>(error: E): E | KafkaError {
  if (!(error instanceof KafkaError)) return error
  const name = toldAs[error.error]
  return name === undefined ? error : new KafkaError(name, error.message, { cause: error })
}
