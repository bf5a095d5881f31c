import { boolean, int, short } from './declare.ts'

/** Transactions and the log of their coordinator. */
export const brokerTransactionsKeys = {
  'transaction.max.timeout.ms': int({
    default: 900_000,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Longest transaction timeout a producer may ask for.',
  }),
  'transactional.id.expiration.ms': int({
    default: 604_800_000,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'How long an unused transactional id is remembered.',
  }),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': int({
    default: 10_000,
    min: 1,
    importance: 'low',
    status: 'accepted',
    doc: 'Time between two looks for transactions past their timeout.',
  }),
  'transaction.remove.expired.transaction.cleanup.interval.ms': int({
    default: 3_600_000,
    min: 1,
    importance: 'low',
    status: 'accepted',
    doc: 'Time between two looks for expired transactional ids.',
  }),
  'transaction.partition.verification.enable': boolean({
    default: true,
    importance: 'low',
    update: 'cluster-wide',
    status: 'accepted',
    doc:
      'Whether a partition asks the coordinator before it accepts transactional records ' +
      '(KIP-890).',
  }),
  'transaction.two.phase.commit.enable': boolean({
    default: false,
    importance: 'low',
    status: 'accepted',
    doc: 'Whether producers may prepare transactions for an outside coordinator (KIP-939).',
  }),
  'transaction.state.log.load.buffer.size': int({
    default: 5_242_880,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Bytes read at a time when transactions are loaded.',
  }),
  'transaction.state.log.min.isr': int({
    default: 2,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Replicas of the transaction topic that must be in sync.',
  }),
  'transaction.state.log.num.partitions': int({
    default: 50,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Partitions of the transaction topic; fixed once it exists.',
  }),
  'transaction.state.log.replication.factor': short({
    default: 3,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Replicas of the transaction topic.',
  }),
  'transaction.state.log.segment.bytes': int({
    default: 104_857_600,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'Segment size of the transaction topic.',
  }),
  'add.partitions.to.txn.retry.backoff.ms': int({
    default: 20,
    min: 1,
    importance: 'high',
    status: 'accepted',
    doc: 'First rest before a partition is added to a transaction again.',
  }),
  'add.partitions.to.txn.retry.backoff.max.ms': int({
    default: 100,
    min: 0,
    importance: 'high',
    status: 'accepted',
    doc: 'How long the adding of a partition to a transaction is repeated inside the broker.',
  }),
}
