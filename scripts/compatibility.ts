/** `docs/compatibility.md`: what works with Moldau and what does not, from what the code itself says:
 *  the handlers, the declared messages and keys, the command line, and the tests of the clients. */
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { servedApis } from '../src/broker/registry.ts'
import { commandLine } from '../src/cli/command-line.ts'
import { brokerConfig } from '../src/config/broker.ts'
import type { Keys, Status } from '../src/config/declare.ts'
import { topicConfig } from '../src/config/topic.ts'
import { apis } from '../src/protocol/registry.ts'
import type { Api } from '../src/protocol/schema.ts'
import { clientSections } from './compatibility-clients.ts'
import { markdownTable, sentencesOf } from './markdown.ts'

const root = path.join(import.meta.dirname, '..')

/** APIs that only controllers of Kafka answer, to brokers and to each other. */
const betweenControllers = new Set([52, 53, 54, 56, 58, 59, 62, 63, 67, 70, 73, 82])

export function renderCompatibility(): string {
  return `${[
    INTRODUCTION,
    '## APIs that are served',
    servedTable(),
    '## APIs that are not served',
    NOT_SERVED,
    missingTable(),
    `Removed from Kafka itself in 4.0: ${named((api) => versionsOf(api) === 'none')}.`,
    `Only between brokers and KRaft controllers, of which there are none here: ${named((api) =>
      betweenControllers.has(api.key),
    )}.`,
    '## Settings',
    SETTINGS,
    settingsTable(),
    '## Commands',
    commandTable(),
    ...clientSections(),
  ].join('\n\n')}\n`
}

const INTRODUCTION = `# Compatibility

Generated from the code and its tests; \`npm run docs\` writes it anew. Moldau follows Apache Kafka 4.3.`

const NOT_SERVED = `ApiVersions does not offer these, so clients see that they are absent and do not ask; a request
all the same is answered with UNSUPPORTED_VERSION.`

const SETTINGS = `How many of Kafka's keys (and Moldau's own, which begin with \`moldau.\`) have their effect;
each is listed in [configuration.md](configuration.md).`

function servedTable(): string {
  const rows = apis.flatMap((api) => {
    if (!servedApis.handlerOf(api.key)) return []
    const [does, absent = ''] = handlerComment(api).split(/\s*Knowingly absent: /)
    return [[String(api.key), api.name, versionsOf(api), does ?? '', capitalized(absent)]]
  })
  return markdownTable(['key', 'API', 'versions', 'what it does', 'knowingly absent'], rows)
}

function missingTable(): string {
  const rows = apis
    .filter((api) => !servedApis.handlerOf(api.key))
    .filter((api) => versionsOf(api) !== 'none' && !betweenControllers.has(api.key))
    .map((api) => [String(api.key), api.name, versionsOf(api), purposeOf(api)])
  return markdownTable(['key', 'API', 'versions in Kafka', 'what it is for'], rows)
}

function settingsTable(): string {
  const count = (keys: Keys, status: Status): string =>
    String(Object.values(keys).filter((key) => key.status === status).length)
  const row = (name: string, keys: Keys): string[] => [
    name,
    count(keys, 'acts'),
    count(keys, 'accepted'),
    count(keys, 'not-needed'),
  ]
  const header = ['keys of', 'act', 'are accepted, but steer what is not served', 'are not needed']
  return markdownTable(header, [row('brokers', brokerConfig.keys), row('topics', topicConfig.keys)])
}

function commandTable(): string {
  const rows = commandLine().commands.map((command) => [
    `\`moldau ${command.name()}\``,
    command.description(),
    command.options.map(({ flags }) => `\`${flags}\``).join(' '),
  ])
  return markdownTable(['command', 'what it does', 'options'], rows)
}

function versionsOf({ versions, latestStable }: Api): string {
  if (latestStable < versions.from) return 'none'
  return versions.from === latestStable ? `${latestStable}` : `${versions.from}–${latestStable}`
}

function named(isMeant: (api: Api) => boolean): string {
  return apis
    .filter(isMeant)
    .map((api) => api.name)
    .join(', ')
}

/** The comment above a handler. @throws when there is none. */
function handlerComment(api: Api): string {
  return commentBefore('src/broker/api', api, 'export default handler\\(')
}

/** What an API is for: the sentence that the comment above its declaration begins with. */
function purposeOf(api: Api): string {
  const comment = commentBefore('src/protocol/api', api, 'export const \\w+ = api\\(')
  const [sentence = ''] = sentencesOf(comment.replace(/^\w+ \(\d+\): /, ''))
  return capitalized(sentence)
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** The text of the doc comment in the file of an API that stands right before `code`. */
function commentBefore(folder: string, api: Api, code: string): string {
  const files = globSync(`${folder}/${String(api.key).padStart(2, '0')}-*.ts`, { cwd: root })
  const file = files.find((each) => !each.endsWith('.test.ts')) ?? ''
  const text = readFileSync(path.join(root, file), 'utf8')
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*${code}`).exec(text)
  if (!found?.[1]) throw new Error(`${file} has no comment that says what it is for`)
  return found[1].replace(/\s*\n\s*\*\s*/g, ' ').trim()
}
