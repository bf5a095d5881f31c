import { readFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { type Broker, startBroker } from '../broker/broker.ts'
import { StartError } from '../broker/start-error.ts'
import { ConfigError } from '../config/config-error.ts'
import { fileSettings, optionSetting, type Setting, serverConfig } from '../config/server-config.ts'
import type { Environment } from '../kernel/environment.ts'
import { type Logger, processLogger } from '../kernel/logger.ts'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { realEnvironment } from '../kernel/real-environment.ts'

export interface StartOptions {
  readonly port?: string
  readonly data?: string
  readonly memory?: boolean
  readonly config?: string
  readonly set: readonly string[]
  readonly logFormat: string
  /** Descriptor of a pipe that closes when the launcher that started this process is gone. */
  readonly parentPipe: string | undefined
}

const DEFAULT_PORT = '9092'
const DEFAULT_DATA = './data'
/** Where a broker in memory believes its files to be. */
const MEMORY_DIRECTORY = '/memory'

/**
 * `moldau start`: runs a broker until it is told to stop. Standard output carries the ready line and the
 * goodbye, standard error the log.
 */
export async function start(options: StartOptions): Promise<void> {
  followParent(options.parentPipe)
  const logger = processLogger({
    level: 'info',
    format: options.logFormat === 'json' ? 'json' : 'text',
  })
  const environment = environmentFor(options)
  let broker: Broker
  try {
    broker = await startBroker({
      config: serverConfig(...settings(options)),
      isMemory: options.memory === true,
      environment,
      logger,
    })
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof StartError)) throw error
    console.error(`moldau: ${error.message}`)
    process.exit(1)
  }
  console.log(readyLine(broker, options, environment.clock.monotonic()))
  stopOnSignals(broker, logger)
}

/** Settings in the order in which later ones win: the launcher's, the file's, the options'. */
function settings(options: StartOptions): Setting[][] {
  const from = 'moldau start'
  const file = options.config === undefined ? [] : [...readConfig(options.config)]
  const names = new Set(file.map(({ key }) => key))
  const launcher: Setting[] = []
  if (options.port !== undefined || !names.has('listeners')) {
    const value = `PLAINTEXT://127.0.0.1:${options.port ?? DEFAULT_PORT}`
    launcher.push({ key: 'listeners', value, from: '--port' })
  }
  if (options.memory) launcher.push({ key: 'log.dirs', value: MEMORY_DIRECTORY, from: '--memory' })
  else if (options.data !== undefined) {
    launcher.push({ key: 'log.dirs', value: options.data, from: '--data' })
  } else if (!names.has('log.dirs') && !names.has('log.dir')) {
    launcher.push({ key: 'log.dirs', value: DEFAULT_DATA, from })
  }
  return [file, launcher, options.set.map(optionSetting)]
}

function readConfig(path: string): readonly Setting[] {
  try {
    return fileSettings(path, readFileSync(path, 'utf8'))
  } catch (error) {
    // A system error has a code; anything else is a fault of ours.
    const { code } = error as NodeJS.ErrnoException
    if (code === undefined) throw error
    throw new StartError(`--config ${path} cannot be read (${code})`, { cause: error })
  }
}

function environmentFor(options: StartOptions): Environment {
  const real = realEnvironment()
  if (!options.memory) return real
  const disk = new MemoryDisk({ clock: real.clock })
  disk.makeDirectory(MEMORY_DIRECTORY)
  return { ...real, disk }
}

/** What a person and a test harness wait for. */
function readyLine(broker: Broker, options: StartOptions, readyMs: number): string {
  const where = options.memory ? 'memory only' : broker.logDirs.join(', ')
  const addresses = broker.addresses.map(({ host, port }) => `${host}:${port}`).join(', ')
  const ms = Math.round(readyMs)
  return `Moldau ready on ${addresses} · node ${broker.nodeId} · cluster ${broker.clusterId} · data ${where} · ${ms} ms`
}

/** The first signal closes everything in order, a second one ends the process at once. */
function stopOnSignals(broker: Broker, logger: Logger): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(130)
    isStopping = true
    console.log(`Moldau stopping (${signal}); again to quit at once`)
    broker.stop().then(
      () => {
        console.log('Moldau stopped')
        process.exit(0)
      },
      (error) => {
        logger.error({ error }, 'The broker could not be stopped in order.')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** Dies with the launcher, as if the signal that ended it had reached this process. */
function followParent(descriptor: string | undefined): void {
  if (descriptor === undefined) return
  const pipe = new Socket({ fd: Number(descriptor), readable: true, writable: false })
  pipe.on('close', () => process.exit(1))
  pipe.on('error', () => process.exit(1))
  pipe.resume()
  pipe.unref()
}
