/** Which of the recorded runs of Kafka's command-line tools are repeated against the broker under test
 *  (../shared/reference/kafka/cli/golden), and what of their output must be the same. */

/** One recorded run, by the name of its file without the number. */
export interface GoldenRow {
  readonly name: string
  /** Changes to the command: the recorded cluster had three nodes and served groups. */
  readonly instead?: readonly (readonly [from: string, to: string])[]
  /** Only these lines of the recorded standard output have to be there, and nothing else. */
  readonly only?: RegExp
  /** The order of the lines is the tool's own. */
  readonly anyOrder?: boolean
}

const oneReplica = [['--replication-factor 3', '--replication-factor 1']] as const
const byPartition = (partition: number) =>
  [
    ['--from-beginning', `--partition ${partition} --offset earliest`],
    ['--group reader ', ''],
  ] as const

/** The APIs that this broker serves so far: name and number as the tool prints them. */
const servedApis =
  /^\t(Produce|Fetch|ListOffsets|Metadata|FindCoordinator|ApiVersions|CreateTopics|DeleteTopics|DeleteRecords|InitProducerId|OffsetForLeaderEpoch|DescribeConfigs|AlterConfigs|DescribeLogDirs|CreatePartitions|IncrementalAlterConfigs|DescribeCluster|DescribeProducers|DescribeTopicPartitions)\(/

/** Broker settings that have Kafka's defaults, but for those that the recorded cluster set itself. */
const defaultSettings =
  /^ {2}(?!authorizer\.class|sasl\.enabled|\S+\.num\.partitions)\S+ sensitive=false synonyms=\{DEFAULT_CONFIG:[^,]*\}$/

/** In the order of the recording: later rows see what earlier ones left. */
export const goldenRows: readonly GoldenRow[] = [
  { name: 'topics-list-empty' },
  { name: 'topics-create', instead: oneReplica },
  { name: 'topics-create-existing', instead: oneReplica },
  { name: 'topics-create-if-not-exists' },
  {
    name: 'topics-create-with-configs',
    instead: [['--replication-factor 2', '--replication-factor 1']],
  },
  { name: 'topics-create-defaults' },
  { name: 'topics-create-collision-warning' },
  { name: 'topics-create-unknown-config' },
  { name: 'topics-create-bad-config-value' },
  { name: 'topics-create-bad-name' },
  { name: 'topics-create-too-many-replicas' },
  { name: 'topics-create-zero-partitions' },
  { name: 'topics-create-manual-assignment', instead: [['1:2,2:3,3:1', '1,1,1']] },
  { name: 'topics-create-missing-topic' },
  { name: 'topics-list' },
  { name: 'topics-list-pattern' },
  { name: 'topics-describe' },
  { name: 'topics-describe-all', anyOrder: true },
  { name: 'topics-describe-unknown' },
  { name: 'topics-describe-under-replicated-none' },
  { name: 'topics-alter-partitions' },
  { name: 'topics-alter-fewer-partitions' },
  { name: 'topics-alter-unknown' },
  { name: 'topics-delete-unknown' },
  { name: 'topics-delete' },
  { name: 'configs-topic-describe-none' },
  { name: 'configs-topic-alter-add' },
  { name: 'configs-topic-describe' },
  { name: 'configs-topic-describe-all' },
  { name: 'configs-topic-alter-bad-value' },
  { name: 'configs-topic-alter-unknown-key' },
  { name: 'configs-topic-delete' },
  { name: 'configs-topic-delete-absent' },
  { name: 'configs-topic-unknown' },
  { name: 'configs-broker-describe' },
  { name: 'configs-broker-describe-all', only: defaultSettings },
  { name: 'configs-broker-alter' },
  { name: 'configs-broker-default-alter' },
  { name: 'configs-broker-default-describe' },
  { name: 'configs-broker-describe-dynamic' },
  { name: 'configs-broker-alter-read-only' },
  { name: 'configs-broker-delete' },
  { name: 'configs-broker-default-delete' },
  { name: 'console-producer-plain' },
  { name: 'console-producer-keys-headers' },
  { name: 'console-producer-null-marker' },
  { name: 'console-producer-missing-separator' },
  { name: 'console-producer-deprecated-property' },
  { name: 'console-producer-bad-topic' },
  { name: 'console-consumer', instead: byPartition(0) },
  { name: 'console-consumer-all-properties', instead: byPartition(1), only: /\tPartition:1\t/ },
  { name: 'console-consumer-partition-offset' },
  {
    name: 'console-consumer-timeout',
    instead: [['--timeout-ms', '--partition 0 --offset latest --timeout-ms']],
  },
  { name: 'console-consumer-logging-formatter', instead: byPartition(0) },
  { name: 'console-consumer-offset-without-partition' },
  { name: 'get-offsets' },
  { name: 'get-offsets-earliest' },
  { name: 'get-offsets-max-timestamp' },
  { name: 'get-offsets-timestamp' },
  { name: 'get-offsets-all' },
  { name: 'get-offsets-unknown' },
  { name: 'log-dirs' },
  { name: 'log-dirs-unknown-broker' },
  { name: 'delete-records' },
  { name: 'delete-records-out-of-range' },
  { name: 'producer-perf-test' },
  {
    name: 'producer-perf-test-metrics',
    only: /^\d+ records sent|record-error-total|record-send-total/,
  },
  { name: 'verifiable-producer' },
  { name: 'transactions-describe-producers', only: /^ProducerId/ },
  { name: 'cluster-id' },
  { name: 'cluster-endpoints', only: /^ID|^NODE/ },
  { name: 'broker-api-versions', only: servedApis },
]

/** Why the others are left out: by the beginning of the name, the longest that fits counts. */
export const leftOut: Readonly<Record<string, string>> = {
  'topics-no-': 'ends before it reaches a broker',
  'topics-unknown-option': 'ends before it reaches a broker',
  'topics-version': 'ends before it reaches a broker',
  'topics-describe-overrides':
    'a three-node cluster sets min.insync.replicas, so every topic shows',
  'topics-describe-at-min-isr': 'needs three nodes',
  'configs-broker-loggers': 'the loggers are the classes of a Java broker',
  'configs-user': 'quotas and SCRAM are not served',
  'configs-client': 'quotas are not served',
  'configs-ip': 'quotas are not served',
  'configs-group': 'groups are not served',
  'client-metrics': 'client metrics are not served',
  'console-consumer-separators': 'reads several partitions, which takes a group',
  'console-consumer-offsets-topic': 'groups are not served',
  'console-consumer-group-metadata': 'groups are not served',
  groups: 'groups are not served',
  acls: 'authorization is not served',
  acl: 'authorization is not served',
  reassign: 'needs three nodes',
  'leader-election': 'needs three nodes',
  'producer-perf-test-transactional': 'transactions are not served',
  'consumer-perf-test': 'joins a group',
  'e2e-latency': 'joins a group',
  'verifiable-consumer': 'joins a group',
  transactions: 'transactions are not served',
  features: 'feature levels are told as far as they are true',
  quorum: 'there is no metadata quorum',
  'cluster-unregister': 'needs three nodes',
  share: 'share groups are not served',
  streams: 'streams groups are not served',
  tokens: 'authentication is not served',
  sasl: 'authentication is not served',
  'connection-refused': 'reaches no broker',
  jmx: 'there is no JVM',
  'dump-log': 'reads the files of the recorded cluster; the tests of files do the same with ours',
  storage: 'formats a KRaft directory',
  'broker-down': 'needs three nodes',
}

/** What a run printed and how it ended. */
export interface Run {
  readonly command: string
  readonly stdin: string
  readonly exit: string
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}

/** Reads one recorded run. */
export function parseRun(text: string): Run {
  const part = (from: string, to: string): string => {
    const start = text.indexOf(`--- ${from}`)
    if (start < 0) return ''
    const body = text.slice(text.indexOf('\n', start) + 1)
    const end =
      to === '' ? body.length : body.startsWith(`--- ${to}`) ? 0 : body.indexOf(`\n--- ${to}`) + 1
    return body.slice(0, end)
  }
  const lines = (body: string): string[] => body.split('\n').filter((line) => line !== '')
  return {
    command: text.slice(2, text.indexOf('\n')),
    stdin: part('stdin', 'exit'),
    exit: /^--- exit (.*)$/m.exec(text)?.[1] ?? '',
    stdout: lines(part('stdout', 'stderr')),
    stderr: lines(part('stderr', '')),
  }
}

/** What differs between two runs of the same command on two clusters, and what stands for it. */
const masks: readonly (readonly [RegExp, string])[] = [
  [/^\[\d{4}-[^\]]*\]/, '[TIME]'],
  [/\b127\.0\.0\.1([: ])\d+/g, 'HOST$1PORT'],
  [/TopicId: \S+/, 'TopicId: ID'],
  [/Cluster ID: \S+/, 'Cluster ID: ID'],
  [/ReplicationFactor: \d+/, 'ReplicationFactor: N'],
  [/Leader: \d+\tReplicas: [\d,]+\tIsr: [\d,]+/, 'Leader: N\tReplicas: N\tIsr: N'],
  // With eligible leader replicas Kafka keeps min.insync.replicas as a setting of the cluster.
  [/Configs: min\.insync\.replicas=1,?/, 'Configs: '],
  [/min\.insync\.replicas=\d sensitive=false synonyms=.*/, 'min.insync.replicas'],
  [
    /min\.insync\.replicas=2,cleanup\.policy=compact/,
    'cleanup.policy=compact,min.insync.replicas=2',
  ],
  [/only \d+ broker/, 'only N broker'],
  [/brokers: [\d,]+$/, 'brokers: N'],
  [/clientId=([a-z-]+?)-?\d*\]/, 'clientId=$1]'],
  [/correlation id \d+/, 'correlation id N'],
  [/"(timestamp|size|offset)":\d+/g, '"$1":N'],
  [/CreateTime:\d+/, 'CreateTime:N'],
  [/"logDir":"[^"]*"/, '"logDir":"DIR"'],
  [/"avg_throughput":[\d.]+/, '"avg_throughput":N'],
  [/(\d+ records sent), .*/, '$1'],
]

/** Lines that say nothing about the broker. */
const noise =
  /^\tat |^Caused by: |^The consumer rebalance protocol \(KIP-848\)|^ {2}min\.insync\.replicas$/

/** The lines of a run that must be the same on every broker. */
export function comparableLines(lines: readonly string[], row: GoldenRow): string[] {
  const masked = lines
    .map((line) => masks.reduce((text, [from, to]) => text.replace(from, to), line))
    .filter((line) => !noise.test(line))
  // Three nodes said each of the chosen lines.
  if (row.only !== undefined) return [...new Set(masked)]
  return row.anyOrder === true ? masked.toSorted() : masked
}
