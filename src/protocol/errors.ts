/** The one table of Kafka's errors (STYLE rule 9). Codes, names and retriability are the protocol's
 *  own; the sentences are what a person reads when the thrower had nothing more precise to say. */

/** A row of the table: what a peer does with it, and what a person reads. */
export interface ErrorRow {
  /** The int16 on the wire. */
  readonly code: number
  /** Whether the same request may succeed later, so that clients send it again by themselves. */
  readonly retriable: boolean
  readonly message: string
}

const retriable = <const Code extends number>(code: Code, message: string) =>
  ({ code, retriable: true, message }) as const
const final = <const Code extends number>(code: Code, message: string) =>
  ({ code, retriable: false, message }) as const

/** Every error Kafka 4.3 knows, in the order of its codes. */
export const errors = {
  UNKNOWN_SERVER_ERROR: final(-1, 'The broker failed in a way it has no code for.'),
  NONE: final(0, 'No error.'),
  OFFSET_OUT_OF_RANGE: final(1, 'The offset is outside the log.'),
  CORRUPT_MESSAGE: retriable(2, 'A record batch is damaged: its checksum or its sizes are wrong.'),
  UNKNOWN_TOPIC_OR_PARTITION: retriable(3, 'This broker has no such topic or partition.'),
  INVALID_FETCH_SIZE: final(4, 'The number of bytes to fetch is not valid.'),
  LEADER_NOT_AVAILABLE: retriable(5, 'The partition has no leader at the moment.'),
  NOT_LEADER_OR_FOLLOWER: retriable(6, 'This broker does not hold that role for the partition.'),
  REQUEST_TIMED_OUT: retriable(7, 'The work was not done within its time.'),
  BROKER_NOT_AVAILABLE: final(8, 'The broker is not available.'),
  REPLICA_NOT_AVAILABLE: retriable(9, 'The replica is not available on this broker.'),
  MESSAGE_TOO_LARGE: final(10, 'The batch is larger than the topic allows.'),
  STALE_CONTROLLER_EPOCH: final(11, 'A newer controller has been elected.'),
  OFFSET_METADATA_TOO_LARGE: final(12, 'The text committed with the offset is too long.'),
  NETWORK_EXCEPTION: retriable(13, 'The connection ended before the answer came.'),
  COORDINATOR_LOAD_IN_PROGRESS: retriable(14, 'The coordinator is still reading its state.'),
  COORDINATOR_NOT_AVAILABLE: retriable(15, 'There is no coordinator at the moment.'),
  NOT_COORDINATOR: retriable(16, 'Another broker is the coordinator.'),
  INVALID_TOPIC_EXCEPTION: final(17, 'The topic name is not valid, or the topic is internal.'),
  RECORD_LIST_TOO_LARGE: final(18, 'The batch is larger than a log segment.'),
  NOT_ENOUGH_REPLICAS: retriable(19, 'Too few replicas are in sync to accept the write.'),
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: retriable(20, 'Too few replicas are in sync after the write.'),
  INVALID_REQUIRED_ACKS: final(21, 'acks must be -1, 0 or 1.'),
  ILLEGAL_GENERATION: final(22, 'The generation is not the current one of the group.'),
  INCONSISTENT_GROUP_PROTOCOL: final(23, 'The member shares no protocol with the group.'),
  INVALID_GROUP_ID: final(24, 'The group id is not valid.'),
  UNKNOWN_MEMBER_ID: final(25, 'The group has no such member.'),
  INVALID_SESSION_TIMEOUT: final(26, 'The session timeout is outside the allowed range.'),
  REBALANCE_IN_PROGRESS: final(27, 'The group is rebalancing: join again.'),
  INVALID_COMMIT_OFFSET_SIZE: final(28, 'The committed offset is too large to be stored.'),
  TOPIC_AUTHORIZATION_FAILED: final(29, 'Not authorized for the topic.'),
  GROUP_AUTHORIZATION_FAILED: final(30, 'Not authorized for the group.'),
  CLUSTER_AUTHORIZATION_FAILED: final(31, 'Not authorized for the cluster.'),
  INVALID_TIMESTAMP: final(32, 'A timestamp is outside the range the topic accepts.'),
  UNSUPPORTED_SASL_MECHANISM: final(33, 'The SASL mechanism is not enabled.'),
  ILLEGAL_SASL_STATE: final(34, 'The request does not fit the state of the authentication.'),
  UNSUPPORTED_VERSION: final(35, 'The version of this api is not supported.'),
  TOPIC_ALREADY_EXISTS: final(36, 'A topic of this name exists.'),
  INVALID_PARTITIONS: final(37, 'The number of partitions is not valid.'),
  INVALID_REPLICATION_FACTOR: final(38, 'The replication factor cannot be met.'),
  INVALID_REPLICA_ASSIGNMENT: final(39, 'The replica assignment is not valid.'),
  INVALID_CONFIG: final(40, 'A configuration value is not valid.'),
  NOT_CONTROLLER: retriable(41, 'This node is not the controller.'),
  INVALID_REQUEST: final(42, 'The request is malformed or contradicts itself.'),
  UNSUPPORTED_FOR_MESSAGE_FORMAT: final(43, 'The stored record format cannot do this.'),
  POLICY_VIOLATION: final(44, 'A policy of the cluster forbids this.'),
  OUT_OF_ORDER_SEQUENCE_NUMBER: final(
    45,
    'The batch does not follow the last one of its producer.',
  ),
  DUPLICATE_SEQUENCE_NUMBER: final(46, 'The batch was written before.'),
  INVALID_PRODUCER_EPOCH: final(47, 'The producer epoch is older than the latest one.'),
  INVALID_TXN_STATE: final(48, 'The transaction is not in a state that allows this.'),
  INVALID_PRODUCER_ID_MAPPING: final(49, 'The producer id is not that of the transactional id.'),
  INVALID_TRANSACTION_TIMEOUT: final(50, 'The transaction timeout exceeds the allowed maximum.'),
  CONCURRENT_TRANSACTIONS: retriable(51, 'The previous transaction is still being completed.'),
  TRANSACTION_COORDINATOR_FENCED: final(52, 'A newer transaction coordinator has taken over.'),
  TRANSACTIONAL_ID_AUTHORIZATION_FAILED: final(53, 'Not authorized for the transactional id.'),
  SECURITY_DISABLED: final(54, 'Security features are not enabled.'),
  OPERATION_NOT_ATTEMPTED: final(55, 'Not tried, because another part of the request failed.'),
  KAFKA_STORAGE_ERROR: retriable(56, 'The disk that holds the partition has failed.'),
  LOG_DIR_NOT_FOUND: final(57, 'The broker has no such log directory.'),
  SASL_AUTHENTICATION_FAILED: final(58, 'Authentication failed.'),
  UNKNOWN_PRODUCER_ID: final(59, 'The log has no state of this producer any more.'),
  REASSIGNMENT_IN_PROGRESS: final(60, 'The partition is being reassigned.'),
  DELEGATION_TOKEN_AUTH_DISABLED: final(61, 'Delegation tokens are not enabled.'),
  DELEGATION_TOKEN_NOT_FOUND: final(62, 'There is no such delegation token.'),
  DELEGATION_TOKEN_OWNER_MISMATCH: final(63, 'The principal neither owns nor may renew the token.'),
  DELEGATION_TOKEN_REQUEST_NOT_ALLOWED: final(64, 'This connection may not ask for tokens.'),
  DELEGATION_TOKEN_AUTHORIZATION_FAILED: final(65, 'Not authorized for the delegation token.'),
  DELEGATION_TOKEN_EXPIRED: final(66, 'The delegation token has expired.'),
  INVALID_PRINCIPAL_TYPE: final(67, 'The principal type is not supported.'),
  NON_EMPTY_GROUP: final(68, 'The group still has members.'),
  GROUP_ID_NOT_FOUND: final(69, 'There is no such group.'),
  FETCH_SESSION_ID_NOT_FOUND: retriable(70, 'There is no such fetch session.'),
  INVALID_FETCH_SESSION_EPOCH: retriable(71, 'The epoch is not the next one of the fetch session.'),
  LISTENER_NOT_FOUND: retriable(72, 'The leader has no listener of the asked name.'),
  TOPIC_DELETION_DISABLED: final(73, 'Deleting topics is disabled.'),
  FENCED_LEADER_EPOCH: retriable(74, 'The leader epoch is older than the current one.'),
  UNKNOWN_LEADER_EPOCH: retriable(75, 'The leader epoch is newer than this broker knows.'),
  UNSUPPORTED_COMPRESSION_TYPE: final(
    76,
    'The request version cannot carry this compression type.',
  ),
  STALE_BROKER_EPOCH: final(77, 'The broker has registered again since.'),
  OFFSET_NOT_AVAILABLE: retriable(78, 'The new leader does not know its high watermark yet.'),
  MEMBER_ID_REQUIRED: final(79, 'Join again with the member id of this answer.'),
  PREFERRED_LEADER_NOT_AVAILABLE: retriable(80, 'The preferred replica cannot lead now.'),
  GROUP_MAX_SIZE_REACHED: final(81, 'The group has as many members as it may.'),
  FENCED_INSTANCE_ID: final(82, 'Another member has taken over this instance id.'),
  ELIGIBLE_LEADERS_NOT_AVAILABLE: retriable(83, 'No replica is eligible to lead.'),
  ELECTION_NOT_NEEDED: retriable(84, 'The leader needs no election.'),
  NO_REASSIGNMENT_IN_PROGRESS: final(85, 'The partition is not being reassigned.'),
  GROUP_SUBSCRIBED_TO_TOPIC: final(86, 'Offsets of a subscribed topic cannot be deleted.'),
  INVALID_RECORD: final(87, 'The broker refuses a record of the batch.'),
  UNSTABLE_OFFSET_COMMIT: retriable(88, 'A transaction over these offsets is still open.'),
  THROTTLING_QUOTA_EXCEEDED: retriable(
    89,
    'The quota is used up; try again after the throttle time.',
  ),
  PRODUCER_FENCED: final(90, 'A newer producer uses the same transactional id.'),
  RESOURCE_NOT_FOUND: final(91, 'There is no such resource.'),
  DUPLICATE_RESOURCE: final(92, 'The resource exists, or is named twice in the request.'),
  UNACCEPTABLE_CREDENTIAL: final(93, 'The credential does not meet the requirements.'),
  INCONSISTENT_VOTER_SET: final(94, 'The voters of sender and receiver differ.'),
  INVALID_UPDATE_VERSION: final(95, 'The version of the update is not valid.'),
  FEATURE_UPDATE_FAILED: final(96, 'The finalized features could not be updated.'),
  PRINCIPAL_DESERIALIZATION_FAILURE: final(97, 'The forwarded principal could not be read.'),
  SNAPSHOT_NOT_FOUND: final(98, 'There is no such snapshot.'),
  POSITION_OUT_OF_RANGE: final(99, 'The position is outside the snapshot.'),
  UNKNOWN_TOPIC_ID: retriable(100, 'This broker has no topic of this id.'),
  DUPLICATE_BROKER_REGISTRATION: final(101, 'A broker of this id is registered and alive.'),
  BROKER_ID_NOT_REGISTERED: final(102, 'No broker of this id is registered.'),
  INCONSISTENT_TOPIC_ID: retriable(103, 'The topic id is not that of the log.'),
  INCONSISTENT_CLUSTER_ID: final(104, 'The request is meant for another cluster.'),
  TRANSACTIONAL_ID_NOT_FOUND: final(105, 'There is no such transactional id.'),
  FETCH_SESSION_TOPIC_ID_ERROR: retriable(
    106,
    'Topic ids appeared in, or left, the fetch session.',
  ),
  INELIGIBLE_REPLICA: final(107, 'The replica may not join the in-sync replicas.'),
  NEW_LEADER_ELECTED: final(108, 'The change was made, and moved the leadership.'),
  OFFSET_MOVED_TO_TIERED_STORAGE: final(109, 'The offset is in remote storage only.'),
  FENCED_MEMBER_EPOCH: final(110, 'The member epoch is not current: join again.'),
  UNRELEASED_INSTANCE_ID: final(111, 'A live member uses the instance id.'),
  UNSUPPORTED_ASSIGNOR: final(112, 'The assignor is not supported.'),
  STALE_MEMBER_EPOCH: final(113, 'The member epoch is old: heartbeat first.'),
  MISMATCHED_ENDPOINT_TYPE: final(114, 'The request was sent to the wrong kind of endpoint.'),
  UNSUPPORTED_ENDPOINT_TYPE: final(115, 'The endpoint type is not known.'),
  UNKNOWN_CONTROLLER_ID: final(116, 'There is no controller of this id.'),
  UNKNOWN_SUBSCRIPTION_ID: final(117, 'The telemetry subscription is not the current one.'),
  TELEMETRY_TOO_LARGE: final(118, 'The pushed metrics exceed the allowed size.'),
  INVALID_REGISTRATION: final(119, 'The registration is not valid.'),
  TRANSACTION_ABORTABLE: final(120, 'The transaction must be aborted; the producer may go on.'),
  INVALID_RECORD_STATE: final(121, 'The record is not acquired by this member.'),
  SHARE_SESSION_NOT_FOUND: retriable(122, 'There is no such share session.'),
  INVALID_SHARE_SESSION_EPOCH: retriable(
    123,
    'The epoch is not the next one of the share session.',
  ),
  FENCED_STATE_EPOCH: final(124, 'The state epoch of the share partition is old.'),
  INVALID_VOTER_KEY: final(125, 'The voter key is not that of the receiver.'),
  DUPLICATE_VOTER: final(126, 'The voter is already in the set.'),
  VOTER_NOT_FOUND: final(127, 'The voter is not in the set.'),
  INVALID_REGULAR_EXPRESSION: final(128, 'The regular expression is not valid.'),
  REBOOTSTRAP_REQUIRED: final(129, 'The client must start again from its bootstrap servers.'),
  STREAMS_INVALID_TOPOLOGY: final(130, 'The topology is not valid.'),
  STREAMS_INVALID_TOPOLOGY_EPOCH: final(131, 'The topology epoch is not valid.'),
  STREAMS_TOPOLOGY_FENCED: final(132, 'The topology epoch is older than the latest one.'),
  SHARE_SESSION_LIMIT_REACHED: retriable(133, 'The broker has as many share sessions as it may.'),
} as const satisfies Record<string, ErrorRow>

/** The name of an error, the form in which our code passes errors around. */
export type ErrorName = keyof typeof errors

/** Errors that tell a client that its view of the cluster is old: it asks for metadata before the
 *  next attempt. All of them are retriable. */
export const staleMetadataErrors: ReadonlySet<ErrorName> = new Set<ErrorName>([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_OR_FOLLOWER',
  'REPLICA_NOT_AVAILABLE',
  'NETWORK_EXCEPTION',
  'KAFKA_STORAGE_ERROR',
  'LISTENER_NOT_FOUND',
  'FENCED_LEADER_EPOCH',
  'PREFERRED_LEADER_NOT_AVAILABLE',
  'ELIGIBLE_LEADERS_NOT_AVAILABLE',
  'ELECTION_NOT_NEEDED',
  'UNKNOWN_TOPIC_ID',
  'INCONSISTENT_TOPIC_ID',
])

/**
 * A peer's fault, or an answer a peer must be given: the only error that becomes an error code,
 * once, in the request pipeline. Decoders of bytes from outside throw nothing else.
 */
export class KafkaError extends Error {
  override readonly name = 'KafkaError'
  readonly error: ErrorName

  /** @param detail one sentence that names the thing, the value and the bound; the table's sentence
   *  when left out. It may be sent to the peer, so it holds no secrets. */
  constructor(error: ErrorName, detail?: string, options?: { readonly cause?: unknown }) {
    super(detail ?? errors[error].message, options)
    this.error = error
  }

  /** The int16 on the wire. */
  get code(): number {
    return errors[this.error].code
  }

  /** Whether clients try again by themselves. */
  get retriable(): boolean {
    return errors[this.error].retriable
  }
}

// Object.keys loses the literal types; the keys of `errors` are exactly the ErrorNames.
const names = new Map(
  (Object.keys(errors) as ErrorName[]).map((name) => [errors[name].code as number, name]),
)

/** The name of a code from the wire; codes we do not know (a newer peer's) read as
 *  UNKNOWN_SERVER_ERROR, as in Kafka's own clients. */
export function errorName(code: number): ErrorName {
  return names.get(code) ?? 'UNKNOWN_SERVER_ERROR'
}
