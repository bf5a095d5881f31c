/** The part of `docs/compatibility.md` about clients: only what a test in `test/clients` shows. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { roundTrips } from '../test/clients/cases.ts'
import type { Traits } from '../test/clients/client.ts'
import { kafkaCrabTraits } from '../test/clients/drivers/kafka-crab.ts'
import {
  kafkaCrabConsumerTraits,
  kafkaCrabMemberTraits,
} from '../test/clients/drivers/kafka-crab-member.ts'
import { kafkajsTraits } from '../test/clients/drivers/kafkajs.ts'
import { kafkajsMemberTraits } from '../test/clients/drivers/kafkajs-member.ts'
import { platformaticTraits } from '../test/clients/drivers/platformatic.ts'
import {
  platformaticConsumerTraits,
  platformaticMemberTraits,
} from '../test/clients/drivers/platformatic-member.ts'
import type { MemberTraits } from '../test/clients/groups/member.ts'
import { goldenRows, leftOut } from '../test/clients/real/golden-rows.ts'
import { kcatTraits } from '../test/clients/real/kcat.ts'
import { markdownTable } from './markdown.ts'

const root = path.join(import.meta.dirname, '..')
const tests = 'test/clients'

/** Clients whose program says what it can when the tests ask it: they are not loaded here. */
const programs: Readonly<Record<string, string>> = {
  'python-kafka': 'kafka-python, of Debian',
  'confluent-kafka': 'confluent-kafka for Python (librdkafka), of Debian',
  'node-rdkafka': 'node-rdkafka (librdkafka)',
}

export function clientSections(): readonly string[] {
  return [
    '## Clients',
    CLIENTS,
    traitTable(),
    ALSO,
    programTable(),
    '### The rules',
    listOf([...roundTrips.map(({ rule }) => rule), ...rulesIn('contract.ts')]),
    '## Consumers in groups',
    GROUPS,
    memberTable(),
    listOf(
      ['contract.ts', 'churn.ts', 'statics.ts', 'admin.test.ts'].flatMap((file) =>
        rulesIn(`groups/${file}`),
      ),
    ),
    "## Kafka's own tools",
    toolTexts(),
  ]
}

const CLIENTS = `Each of these, unmodified, is held to the rules below (\`${tests}/contract.ts\`) as far as the library
can express what a rule asks for. ✓ is tested; – is what the library cannot say, so that its tests are left out.`

const ALSO = `Held to the same rules, by \`npm run test:clients\` where they can be installed:`

const GROUPS = `Members of groups, one or many, in processes of their own where they are killed or frozen, are held to the
rules below (\`${tests}/groups\`) by \`npm test\`, again as far as the library goes. Kafka's own consumers and tools, of both protocols,
are among the tools further below.`

const yes = (has: boolean): string => (has ? '✓' : '–')

function traitTable(): string {
  const clients: readonly (readonly [Traits, string, string])[] = [
    [kafkajsTraits, versionOf('kafkajs'), 'npm test'],
    [platformaticTraits, versionOf('@platformatic/kafka'), 'npm test'],
    [kafkaCrabTraits, versionOf('kafka-crab-js'), 'npm test'],
    [kcatTraits, 'of Debian', 'npm run test:clients'],
  ]
  const header = [
    'client',
    'version',
    'run by',
    'codecs',
    'headers',
    'times',
    'idempotent',
    'admin',
  ]
  const rows = clients.map(([traits, version, run]) => [
    traits.name,
    version,
    `\`${run}\``,
    traits.codecs.filter((codec) => codec !== 'none').join(' '),
    yes(traits.headers),
    yes(traits.timestamps),
    yes(traits.idempotence),
    yes(traits.admin),
  ])
  return markdownTable(header, rows)
}

function memberTable(): string {
  const clients: readonly (readonly [MemberTraits, string])[] = [
    [kafkajsMemberTraits, 'kafkajs'],
    [platformaticMemberTraits, '@platformatic/kafka'],
    [platformaticConsumerTraits, '@platformatic/kafka'],
    [kafkaCrabMemberTraits, 'kafka-crab-js'],
    [kafkaCrabConsumerTraits, 'kafka-crab-js'],
  ]
  const header = [
    'client',
    'version',
    'protocol',
    'patterns',
    'pause',
    'seek',
    'static',
    'cooperative',
  ]
  const rows = clients.map(([traits, name]) => [
    name,
    versionOf(name),
    traits.protocol,
    yes(traits.patterns !== false),
    yes(traits.pauses),
    yes(traits.seeks),
    yes(traits.statics),
    yes(traits.cooperative),
  ])
  return markdownTable(header, rows)
}

/** The version that the tests run, as installed by the lock file. */
function versionOf(name: string): string {
  const lock: unknown = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8'))
  // npm's own format, version 3.
  const { packages } = lock as { packages: Readonly<Record<string, { version: string }>> }
  return packages[`node_modules/${name}`]?.version ?? 'unknown'
}

function programTable(): string {
  const files = globSync('*.real.ts', { cwd: path.join(root, tests, 'real') })
  const rows = Object.entries(programs).flatMap(([file, name]) =>
    files.includes(`${file}.real.ts`) ? [[name, `\`${tests}/real/${file}.real.ts\``]] : [],
  )
  return markdownTable(['client', 'test'], rows)
}

/** The rules that are tests of their own; those that are rows of a table are told by the table. What
 *  depends on the client is left open. */
function rulesIn(file: string): string[] {
  const text = readFileSync(path.join(root, tests, file), 'utf8')
  return [...text.matchAll(/^\s+test\((['`])(.+?)\1/gm)].map(([, , name = '']) => {
    return name.replaceAll(/\$\{\w+\}/g, '…')
  })
}

function listOf(rules: readonly string[]): string {
  return rules.map((rule) => `- ${rule}`).join('\n')
}

function toolTexts(): string {
  const reasons = Map.groupBy(Object.entries(leftOut), ([, reason]) => reason)
  const rows = [...reasons].map(([reason, entries]) => [
    reason,
    entries.map(([name]) => `\`${name}\``).join(' '),
  ])
  const repeated = goldenRows.map(({ name }) => `\`${name}\``).join(' ')
  return `The Java tools of Kafka 4.3 ran against a real Kafka and what they printed was recorded; \`npm run
test:clients\` runs ${goldenRows.length} of these commands against Moldau where a JDK is and compares line by line:

${repeated}

The others are left out:

${markdownTable(['why', 'recorded runs whose names begin with'], rows)}`
}
