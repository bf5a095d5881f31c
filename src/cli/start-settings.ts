import { ConfigError } from '../config/config-error.ts'
import { optionSetting, type Setting } from '../config/server-config.ts'

/** The options of `moldau start` that are settings under other names. */
export interface SettingOptions {
  readonly port?: string
  readonly data?: string
  readonly memory?: boolean
  readonly set: readonly string[]
}

const DEFAULT_PORT = 9092
const DEFAULT_DATA = './data'
/** Where a broker in memory believes its files to be. */
export const MEMORY_DIRECTORY = '/memory'

/**
 * Layers of settings, later ones over earlier ones: the file, the options with names of their own,
 * `--set`. Without a file the broker listens on this machine only; with one it listens as Kafka would.
 * @param file the settings of `--config`; undefined without one.
 * @throws ConfigError for a port that is none and a `--set` without a key.
 */
export function startSettings(
  options: SettingOptions,
  file: readonly Setting[] | undefined,
): readonly (readonly Setting[])[] {
  const inFile = file ?? []
  return [
    inFile,
    [...listenerSettings(options.port, file), ...directorySettings(options, inFile)],
    options.set.map(optionSetting),
  ]
}

function listenerSettings(
  written: string | undefined,
  file: readonly Setting[] | undefined,
): readonly Setting[] {
  const from = written === undefined ? 'moldau start' : '--port'
  const port = written === undefined ? DEFAULT_PORT : portOf(written)
  const listeners = lastOf(file ?? [], 'listeners')
  if (file === undefined || listeners === undefined) {
    const host = file === undefined ? '127.0.0.1' : ''
    return [{ key: 'listeners', value: `PLAINTEXT://${host}:${port}`, from }]
  }
  return written === undefined ? [] : movedListeners(listeners, file, port)
}

/** The file's addresses, its first one for clients with another port, also where clients are told of it. */
function movedListeners(
  listeners: Setting,
  file: readonly Setting[],
  port: number,
): readonly Setting[] {
  const controllers = entriesOf(lastOf(file, 'controller.listener.names')).map(upperCase)
  const name = entriesOf(listeners)
    .map(nameOf)
    .find((each) => !controllers.includes(each))
  const move = (setting: Setting): Setting => {
    const entries = entriesOf(setting).map((entry) =>
      nameOf(entry) === name ? entry.replace(/:\d*$/, `:${port}`) : entry,
    )
    return { key: setting.key, value: entries.join(','), from: '--port' }
  }
  const advertised = lastOf(file, 'advertised.listeners')
  return advertised === undefined ? [move(listeners)] : [move(listeners), move(advertised)]
}

function directorySettings(
  { memory, data }: SettingOptions,
  file: readonly Setting[],
): readonly Setting[] {
  const key = 'log.dirs'
  if (memory) return [{ key, value: MEMORY_DIRECTORY, from: '--memory' }]
  if (data !== undefined) return [{ key, value: data, from: '--data' }]
  if (lastOf(file, 'log.dirs') ?? lastOf(file, 'log.dir')) return []
  return [{ key, value: DEFAULT_DATA, from: 'moldau start' }]
}

function portOf(written: string): number {
  const port = Number(written)
  if (/^\d+$/.test(written) && port <= 65_535) return port
  const allowed = 'a number from 0 to 65535'
  throw new ConfigError('--port', written, allowed, `--port ${written}: expected ${allowed}`)
}

/** The last of equal keys wins, as in the file itself. */
function lastOf(file: readonly Setting[], key: string): Setting | undefined {
  return file.findLast((setting) => setting.key === key)
}

function entriesOf(setting: Setting | undefined): readonly string[] {
  return setting?.value.split(',').map((entry) => entry.trim()) ?? []
}

const upperCase = (text: string): string => text.toUpperCase()
const nameOf = (entry: string): string => upperCase(entry.slice(0, entry.indexOf(':')))
