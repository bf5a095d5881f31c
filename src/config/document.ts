import { brokerAreas } from './broker.ts'
import { clientMetricsConfig } from './client-metrics.ts'
import type { Key, Keys, Status } from './declare.ts'
import { groupConfig } from './group.ts'
import { brokerQuotaConfig, clientQuotaConfig, ipQuotaConfig } from './quota.ts'
import { topicConfig } from './topic.ts'

/** `docs/configuration.md`, made from the declarations (STYLE rule 15). */
export function renderConfiguration(): string {
  const sections = [
    INTRODUCTION,
    '## Broker keys',
    ...Object.entries(brokerAreas).map(([title, keys]) => `### ${title}\n\n${brokerTable(keys)}`),
    `### Replication quotas, set while running only\n\n${brokerTable(brokerQuotaConfig.keys)}`,
    `## Topic keys\n\n${TOPICS}\n\n${resourceTable(topicConfig.keys)}`,
    `## Group keys\n\n${GROUPS}\n\n${resourceTable(groupConfig.keys)}`,
    `## Telemetry subscription keys\n\n${resourceTable(clientMetricsConfig.keys)}`,
    `## Quotas of users and client ids\n\n${resourceTable(clientQuotaConfig.keys)}`,
    `## Quotas of addresses\n\n${resourceTable(ipQuotaConfig.keys)}`,
  ]
  return `${sections.join('\n\n')}\n`
}

const INTRODUCTION = `# Configuration

Generated from the declarations in \`src/config\`; \`node scripts/make-docs.ts\` writes it anew.

Moldau reads Kafka's keys by Kafka's rules: from a \`server.properties\` given with
\`--config\`, from \`--set key=value\` on the command line, which wins, and while running through
\`kafka-configs\`, which wins over both where *update* permits. An unknown key is warned about, a
bad value stops the start. A key for one listener is written
\`listener.name.<listener>.<key>\`.

- *update*: **start** is read when the broker starts, **broker** can be changed for one running
  broker, **cluster** also for all of them at once.
- *Moldau*: **acts** has its effect; **accepted** is known, checked, kept and described, but the
  feature it steers is not served; **not needed** steers what only a JVM broker, KRaft or ZooKeeper
  has.
- Keys that begin with \`moldau.\` are not Kafka's.
- Longs of 9223372036854775807 mean no limit.`

const TOPICS = `A topic without a value of its own takes the first of the *broker keys* that has
one, converted to its unit.`

const GROUPS = `A group without a value of its own takes that of the *broker key*.`

function brokerTable(keys: Keys): string {
  const header = ['key', 'type', 'default', 'allowed', 'update', 'Moldau', 'what it is for']
  const rows = Object.entries(keys).map(([name, key]) => [
    ...factsOf(name, key),
    updates[key.update],
    statuses[key.status],
    sentence(key),
  ])
  return table(header, rows)
}

function resourceTable(keys: Keys): string {
  const header = ['key', 'type', 'default', 'allowed', 'broker keys', 'Moldau', 'what it is for']
  const rows = Object.entries(keys).map(([name, key]) => [
    ...factsOf(name, key),
    key.brokerSynonyms.map((synonym) => `\`${synonym}\``).join(', '),
    statuses[key.status],
    sentence(key),
  ])
  return table(header, rows)
}

const updates: Readonly<Record<Key['update'], string>> = {
  'read-only': 'start',
  'per-broker': 'broker',
  'cluster-wide': 'cluster',
}

const statuses: Readonly<Record<Status, string>> = {
  acts: 'acts',
  accepted: 'accepted',
  'not-needed': 'not needed',
}

function factsOf(name: string, key: Key): readonly string[] {
  return [`\`${name}\``, key.type, defaultOf(name, key), key.allowed]
}

function sentence(key: Key): string {
  return key.internal ? `${key.doc} Internal.` : key.doc
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('*', '\\*')
}

function defaultOf(name: string, key: Key): string {
  const { defaultText } = key
  if (defaultText === null) return 'none'
  if (defaultText === '') return 'empty'
  const size = typeof key.default === 'number' ? inUnits(name, key.default) : undefined
  return size === undefined ? defaultText : `${defaultText} (${size})`
}

/** A number in the largest unit that divides it: `7 days`, `1 GiB`; undefined when none helps. */
function inUnits(name: string, value: number): string | undefined {
  const units = unitsOf(name)
  const unit = units?.find(([, factor]) => value >= factor && value % factor === 0)
  if (!unit || value > Number.MAX_SAFE_INTEGER / 2) return undefined
  const [word, factor] = unit
  const count = value / factor
  return `${count} ${word}${count === 1 || word.endsWith('B') ? '' : 's'}`
}

type Units = readonly (readonly [word: string, factor: number])[]

const BYTES: Units = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
]
const SECONDS: Units = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]
const MILLISECONDS: Units = [
  ...SECONDS.map(([word, factor]) => [word, factor * 1000] as const),
  ['second', 1000],
]
const MINUTES: Units = [
  ['day', 1_440],
  ['hour', 60],
]
const HOURS: Units = [['day', 24]]

const unitSuffixes: readonly (readonly [suffix: RegExp, units: Units])[] = [
  [/(?:\.ms|millis)$/, MILLISECONDS],
  [/(?:\.seconds|\.secs)$/, SECONDS],
  [/\.minutes$/, MINUTES],
  [/\.hours$/, HOURS],
  [/bytes|buffer\.size/, BYTES],
]

function unitsOf(name: string): Units | undefined {
  return unitSuffixes.find(([suffix]) => suffix.test(name))?.[1]
}
