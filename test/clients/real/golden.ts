/** What was recorded of Kafka's command-line tools, and what of it has to be the same on every broker. */

/** One recorded run, by the name of its file without the number. */
export interface GoldenRow {
  readonly name: string
  /** Changes to the command: the recorded cluster had three nodes. */
  readonly instead?: readonly (readonly [from: string, to: string])[]
  /** Only these lines of the recorded standard output have to be there, and nothing else. */
  readonly only?: RegExp
  /** The order of the lines is the tool's own. */
  readonly anyOrder?: boolean
  /** A line is several, with this between them. */
  readonly between?: string
  /** A line may come more or less often: consumers commit by the clock. */
  readonly repeats?: boolean
  /** Lines of the recording before the command (`&` starts a tool that goes on, `-` ends it, `sleep`
   *  waits so many ms), where {B} is the broker. */
  readonly before?: readonly string[]
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
  [/Epoch: \d+$/, 'Epoch: N'],
  [/(th = )\d+/g, '$1N'],
  [/(Topic: \S+ Partition: \d+ Offset: )\d+/, '$1N'],
  [/console-consumer-\d+\b */g, 'console-consumer-N  '],
  [/(HOST:PORT +)\(\d\)/, '$1(N)'],
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID'],
  [/"(commitTimestamp|currentStateTimestamp)":\d+/g, '"$1":N'],
  [/"topicId":"[^"]*"/, '"topicId":"ID"'],
  [/(modern +\S+ +\d+ +\d+ +\d+ +\d+ +)\S{22} /, '$1ID '],
  [/(modern +)\S{22} /, '$1ID '],
  // How wide columns are depends on the names in them.
  [/ {2,}/g, '  '],
]

/** Lines that say nothing about the broker. */
const noise =
  /^\tat |^Caused by: |^The consumer rebalance protocol \(KIP-848\)|^ {2}min\.insync\.replicas$/

const COUNT = /^Processed a total of/

/** The lines of a run that must be the same on every broker. */
export function comparableLines(lines: readonly string[], row: GoldenRow): string[] {
  const { between = '\n' } = row
  const masked = lines
    .flatMap((line) => line.split(between))
    .map((line) => masks.reduce((text, [from, to]) => text.replace(from, to), line))
    .filter((line) => !noise.test(line))
  // Three nodes said each of the chosen lines.
  if (row.only !== undefined) return [...new Set(masked)]
  if (row.repeats === true)
    return [...new Set(masked)].filter((line) => !COUNT.test(line)).toSorted()
  return row.anyOrder === true ? masked.toSorted() : masked
}
