import { boolean, className, int, list, long, string } from './declare.ts'
import { LONG_MAX } from './value-text.ts'

/** Identity of the broker, its data directories, and what belongs to no other part. */
export const brokerServerKeys = {
  'node.id': int({
    default: 1,
    min: 0,
    required: true,
    importance: 'high',
    doc: 'Number of this broker in its cluster; every client and tool names the broker by it.',
  }),
  'broker.id': int({
    default: -1,
    importance: 'high',
    doc: 'Older name of node.id; setting one sets both.',
  }),
  'broker.rack': string({
    default: null,
    doc: 'Rack or zone of this broker, told to clients that prefer near replicas.',
  }),
  'log.dir': list({
    default: ['/tmp/kafka-logs'],
    empty: 'refused',
    importance: 'high',
    doc: 'Data directory, used when log.dirs is not set.',
  }),
  'log.dirs': list({
    default: null,
    empty: 'refused',
    importance: 'high',
    doc: 'Data directories, each holding whole partitions; takes precedence over log.dir.',
  }),
  'log.dir.failure.timeout.ms': long({
    default: 30_000,
    min: 1,
    importance: 'low',
    status: 'accepted',
    doc: 'How long a broker may fail to report an offline data directory before it stops.',
  }),
  'cordoned.log.dirs': list({
    default: [],
    nullable: true,
    update: 'per-broker',
    status: 'accepted',
    doc: 'Data directories that get no new partitions; * for all.',
  }),
  'background.threads': int({
    default: 10,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    status: 'not-needed',
    doc: 'Threads for background work.',
  }),
  'num.recovery.threads.per.data.dir': int({
    default: 2,
    min: 1,
    importance: 'high',
    update: 'cluster-wide',
    doc: 'Logs of a data directory that are opened at a time at start, and closed at shutdown.',
  }),
  'request.timeout.ms': int({
    default: 30_000,
    importance: 'high',
    status: 'accepted',
    doc: 'How long this broker waits for the answer to a request it sent.',
  }),
  'controlled.shutdown.enable': boolean({
    default: true,
    status: 'accepted',
    doc: 'Whether a broker moves its leaderships away before it stops.',
  }),
  'config.providers': list({
    default: [],
    importance: 'low',
    update: 'cluster-wide',
    status: 'accepted',
    doc: 'Names of plug-ins that fetch values from outside the file.',
  }),
  'alter.config.policy.class.name': className({
    default: null,
    importance: 'low',
    status: 'accepted',
    doc: 'Plug-in that may veto alterations of configuration.',
  }),
  'create.topic.policy.class.name': className({
    default: null,
    importance: 'low',
    status: 'accepted',
    doc: 'Plug-in that may veto the creation of topics.',
  }),
  'server.max.startup.time.ms': long({
    default: LONG_MAX,
    min: 0,
    status: 'accepted',
    internal: true,
    doc: 'Longest time a start may take.',
  }),
  'unstable.api.versions.enable': boolean({
    default: false,
    importance: 'high',
    status: 'accepted',
    internal: true,
    doc: 'Whether versions of apis still in development are offered.',
  }),
  'unstable.feature.versions.enable': boolean({
    default: false,
    importance: 'high',
    status: 'accepted',
    internal: true,
    doc: 'Whether levels of features still in development are offered.',
  }),
}
