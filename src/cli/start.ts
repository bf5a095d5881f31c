import { readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { type Broker, startBroker } from '../broker/broker.ts'
import { StartError } from '../broker/start-error.ts'
import { ConfigError } from '../config/config-error.ts'
import { fileSettings, type Setting, serverConfig } from '../config/server-config.ts'
import type { Clock, Environment } from '../kernel/environment.ts'
import { type Logger, processLogger } from '../kernel/logger.ts'
import { MemoryDisk } from '../kernel/memory-disk.ts'
import { realEnvironment } from '../kernel/real-environment.ts'
import { MEMORY_DIRECTORY, type SettingOptions, startSettings } from './start-settings.ts'

export interface StartOptions extends SettingOptions {
  readonly config?: string
  readonly logFormat: 'text' | 'json'
}

/** A terminal, npm and the launcher each pass on one Ctrl-C: what follows the first signal so soon is
 *  the same wish. */
const SAME_SIGNAL_MS = 200
/** Any time will do: what counts is that there is a timer. */
const KEEP_ALIVE_MS = 60_000

/**
 * `moldau start`: runs a broker until it is told to stop. Standard output carries the ready line and the
 * goodbye, standard error the log.
 */
export async function start(options: StartOptions): Promise<void> {
  outliveReaders()
  const logger = processLogger({ level: 'info', format: options.logFormat })
  const environment = environmentFor(options)
  let broker: Broker
  try {
    const file = options.config === undefined ? undefined : readConfig(options.config)
    broker = await startBroker({
      config: serverConfig(...startSettings(options, file)),
      isMemory: options.memory === true,
      environment,
      logger,
      onFatal: fail,
    })
  } catch (error) {
    if (!(error instanceof ConfigError) && !(error instanceof StartError)) throw error
    return fail(error.message)
  }
  // First: whoever reads the line may stop the broker at once.
  stopOnSignals(broker, environment.clock, logger)
  console.log(readyLine(broker, options, environment.clock.monotonic()))
}

function fail(sentence: string): never {
  console.error(`moldau: ${sentence}`)
  process.exit(1)
}

/** A broker goes on when nobody reads its output any more, as after `moldau start | head -1`. */
function outliveReaders(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
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
  const shown = ({ host, port }: Broker['addresses'][number]): string =>
    host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const addresses = broker.addresses.map(shown).join(', ')
  const ms = Math.round(readyMs)
  return `Moldau ready on ${addresses} · node ${broker.nodeId} · cluster ${broker.clusterId} · data ${where} · ${ms} ms`
}

/** The first signal closes everything in order, a second one ends the process at once. */
function stopOnSignals(broker: Broker, clock: Clock, logger: Logger): void {
  let stoppingMs: number | undefined
  const stop = (signal: NodeJS.Signals): void => {
    if (stoppingMs === undefined) {
      stoppingMs = clock.monotonic()
      console.log(`Moldau stopping (${signal}); again to quit at once`)
      // The broker's timers do not keep the process alive, and it must not end before it has stopped.
      setInterval(() => {}, KEEP_ALIVE_MS)
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
    } else if (clock.monotonic() - stoppingMs > SAME_SIGNAL_MS) {
      process.exit(128 + constants.signals[signal])
    }
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}
