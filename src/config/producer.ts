import { clientKeys, interceptorKeys, serdeKey } from './client-common.ts'
import { boolean, className, config, int, long, oneOf, string, type Values } from './declare.ts'
import { nonEmptyText } from './rules.ts'

const batchKeys = {
  'batch.size': int({
    default: 16_384,
    min: 0,
    doc: 'Bytes of records, before compression, that one batch of a partition gathers.',
  }),
  'buffer.memory': long({
    default: 33_554_432,
    min: 0,
    importance: 'high',
    doc: 'Bytes of batches that may wait in the producer before send has to wait itself.',
  }),
  'linger.ms': long({
    default: 5,
    min: 0,
    doc: 'How long a batch that is not full waits for more records.',
  }),
  'max.block.ms': long({
    default: 60_000,
    min: 0,
    doc: 'How long a send waits for metadata and for memory before it fails.',
  }),
  'max.request.size': int({
    default: 1_048_576,
    min: 0,
    doc: 'Largest record, and largest sum of batches in one request, in bytes.',
  }),
}

const compressionKeys = {
  'compression.type': oneOf(['none', 'gzip', 'snappy', 'lz4', 'zstd'], {
    default: 'none',
    importance: 'high',
    doc: 'Codec of the batches.',
  }),
  'compression.gzip.level': int({
    default: -1,
    min: 1,
    max: 9,
    special: -1,
    doc: "Effort of gzip; -1 for the codec's own.",
  }),
  'compression.lz4.level': int({ default: 9, min: 1, max: 17, doc: 'Effort of lz4.' }),
  'compression.zstd.level': int({ default: 3, min: -131_072, max: 22, doc: 'Effort of zstd.' }),
}

const deliveryKeys = {
  acks: oneOf(['all', '-1', '0', '1'], {
    default: 'all',
    importance: 'low',
    doc: 'Who must have a batch before it counts: all replicas in sync, the leader, or nobody.',
  }),
  'delivery.timeout.ms': int({
    default: 120_000,
    min: 0,
    doc: 'What a record has, from send on, to be acknowledged; then its promise fails.',
  }),
  'enable.idempotence': boolean({
    default: true,
    importance: 'low',
    doc: 'Whether the broker recognises what is sent twice; keeps order also with retries.',
  }),
  'max.in.flight.requests.per.connection': int({
    default: 5,
    min: 1,
    importance: 'low',
    doc: 'Requests to one broker that may wait for their answers.',
  }),
  retries: int({
    default: 2_147_483_647,
    min: 0,
    max: 2_147_483_647,
    importance: 'high',
    doc: 'How often a batch is sent again; delivery.timeout.ms ends it earlier.',
  }),
}

const partitionerKeys = {
  'partitioner.adaptive.partitioning.enable': boolean({
    default: true,
    importance: 'low',
    doc: 'Whether records without a key prefer partitions whose queues are short (KIP-794).',
  }),
  'partitioner.availability.timeout.ms': long({
    default: 0,
    min: 0,
    importance: 'low',
    doc: 'A broker that takes nothing for so long gets no records without a key; 0: no such rule.',
  }),
  'partitioner.class': className({
    default: null,
    status: 'not-needed',
    doc: 'Java class that chooses partitions; a function is given in the option partitioner.',
  }),
  'partitioner.ignore.keys': boolean({
    default: false,
    doc: 'Whether records with a key are spread as those without.',
  }),
}

const transactionKeys = {
  'transaction.timeout.ms': int({
    default: 60_000,
    importance: 'low',
    status: 'accepted',
    doc: 'Time after which the coordinator aborts a transaction.',
  }),
  'transaction.two.phase.commit.enable': boolean({
    default: false,
    importance: 'low',
    status: 'accepted',
    doc: 'Whether transactions may be prepared by an outer coordinator (KIP-939).',
  }),
  'transactional.id': string({
    default: null,
    rule: nonEmptyText,
    importance: 'low',
    status: 'accepted',
    doc: 'Name under which transactions go on after a restart; refused until they are offered.',
  }),
}

const MAX_IDEMPOTENT_IN_FLIGHT = 5

/** The settings of a producer. */
export const producerConfig = config(
  {
    ...clientKeys,
    ...interceptorKeys,
    ...batchKeys,
    ...compressionKeys,
    ...deliveryKeys,
    ...partitionerKeys,
    ...transactionKeys,
    'key.serializer': serdeKey('Java class of the keys; an object is the option keySerializer.'),
    'metadata.max.idle.ms': long({
      default: 300_000,
      min: 5_000,
      importance: 'low',
      doc: 'A topic that is not written to for so long leaves the metadata.',
    }),
    'value.serializer': serdeKey(
      'Java class of the values; an object is the option valueSerializer.',
    ),
  },
  (values) => {
    const least = values['linger.ms'] + values['request.timeout.ms']
    const timeout = values['delivery.timeout.ms']
    return timeout >= least
      ? undefined
      : `delivery.timeout.ms ${timeout} must be at least linger.ms + request.timeout.ms, ${least}`
  },
)

/** The values of a producer's settings. */
export type ProducerConfig = Values<typeof producerConfig.keys>

/**
 * Whether a producer is idempotent: unless told, it is where its other settings allow that, as in
 * Kafka.
 * @returns what contradicts an explicit `enable.idempotence=true`, as `problem`.
 */
export function idempotence(
  values: ProducerConfig,
  explicit: ReadonlySet<string>,
): { readonly isIdempotent: boolean; readonly problem?: string } {
  if (!values['enable.idempotence']) return { isIdempotent: false }
  const inFlight = values['max.in.flight.requests.per.connection']
  let problem: string | undefined
  if (values.acks !== 'all' && values.acks !== '-1')
    problem = `acks must be all, not ${values.acks}`
  else if (values.retries === 0) problem = 'retries must be above 0'
  else if (inFlight > MAX_IDEMPOTENT_IN_FLIGHT)
    problem = `max.in.flight.requests.per.connection must be at most 5, not ${inFlight}`
  if (problem === undefined) return { isIdempotent: true }
  if (!explicit.has('enable.idempotence')) {
    // Kafka lets acks and retries switch it off silently; more than five in flight it refuses.
    if (inFlight <= MAX_IDEMPOTENT_IN_FLIGHT) return { isIdempotent: false }
  }
  return { isIdempotent: false, problem: `with enable.idempotence=true ${problem}` }
}
