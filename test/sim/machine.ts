import { type Broker, startBroker } from '../../src/broker/broker.ts'
import { StartError } from '../../src/broker/start-error.ts'
import { optionSetting, type ServerConfig, serverConfig } from '../../src/config/server-config.ts'
import type { DiskFault, DiskOperation } from '../../src/kernel/disk-faults.ts'
import type { Disk, Environment } from '../../src/kernel/environment.ts'
import { type Logger, type LogLevel, textLine } from '../../src/kernel/logger.ts'
import type { SimulatedHost, Simulation } from '../../src/kernel/simulated-environment.ts'
import type { Coordination } from '../../src/metadata/coordination.ts'
import { type CommitFault, LastingCoordination } from './lasting-coordination.ts'
import type { Trace } from './trace.ts'
import { Violation } from './violation.ts'
import { DeadProcess, type DiskWatch, deathError, WatchedDisk } from './watched-disk.ts'

export const BROKER_HOST = 'broker'
export const BROKER_PORT = 9092
export const LOG_DIRS = ['/data/a', '/data/b'] as const

/** How a process ends without being asked. */
export type Death = 'kill' | 'power cut'

export type MachineState = 'down' | 'starting' | 'up' | 'stopping'

/** What others do when something happens to the machine. `isWhole`: no fault was put on its disks in
 *  this life. */
export interface MachineEvents {
  /** The broker answers. */
  up(isWhole: boolean): void
  /** It was stopped in order. */
  stopped(isWhole: boolean): void
  died(death: Death, isWhole: boolean): void
}

/** Bugs that a test plants around the broker, to see that they are found. */
export interface Plants {
  readonly disk?: (inner: WatchedDisk['inner'], watch: DiskWatch) => WatchedDisk
  readonly coordination?: (inner: Coordination) => Coordination
  /** Told just before a process dies, while its disk still works. */
  readonly beforeDeath?: (death: Death, disk: Disk) => void
}

export interface MachineOptions {
  readonly simulation: Simulation
  readonly trace: Trace
  readonly events: MachineEvents
  readonly settings: Readonly<Record<string, string>>
  /** Told of what must end the run. */
  readonly failed: (error: Error) => void
  readonly plants?: Plants
}

/** The broker's machine: it starts, stops, kills and cuts the power of one broker after the other on
 *  the same disk. */
export class Machine {
  readonly host: SimulatedHost
  readonly coordination: LastingCoordination
  readonly #options: MachineOptions
  readonly #config: ServerConfig
  #state: MachineState = 'down'
  #broker: Broker | undefined
  /** Counts processes. */
  #life = 0
  #powerCuts = 0
  /** A fault was put on the disk in this life. */
  #isTainted = false
  /** A fault may keep this life from beginning. */
  #mayNotStart = false
  #lastCall: { left: number; readonly death: Death } | undefined

  constructor(options: MachineOptions) {
    const { simulation } = options
    this.#options = options
    this.host = simulation.host(BROKER_HOST)
    this.coordination = new LastingCoordination({
      clock: simulation.clock(() => 0),
      timers: simulation.timers(() => true),
    })
    this.#config = configOf(options.settings)
  }

  get state(): MachineState {
    return this.#state
  }

  get life(): number {
    return this.#life
  }

  get powerCuts(): number {
    return this.#powerCuts
  }

  get isTainted(): boolean {
    return this.#isTainted
  }

  /** Starts a broker; `events.up` tells when it answers. */
  start(): void {
    const life = ++this.#life
    this.#state = 'starting'
    this.#isTainted = false
    this.#mayNotStart = this.coordination.willFail
    this.#note(`starts, life ${life}`)
    this.#startBroker(life).then(
      (broker) => {
        if (life !== this.#life || this.#state !== 'starting') return
        this.#broker = broker
        this.#state = 'up'
        this.#note('is up')
        this.#options.events.up(!this.#isTainted)
      },
      (error) => this.#notStarted(life, error),
    )
  }

  /** Stops the broker in order. */
  stop(): void {
    const broker = this.#broker
    if (broker === undefined) return
    const life = this.#life
    this.#state = 'stopping'
    this.#note('stops')
    broker.stop().then(
      () => {
        if (life !== this.#life || this.#state !== 'stopping') return
        this.#note('has stopped')
        this.#end()
        this.host.kill()
        this.#options.events.stopped(!this.#isTainted)
      },
      (error) => this.uncaught(error),
    )
  }

  /** The process dies now. */
  die(death: Death): void {
    if (this.#state === 'down' && death === 'kill') return
    this.#note(death === 'kill' ? 'is killed' : 'loses power')
    this.#options.plants?.beforeDeath?.(death, this.host.disk)
    this.#end()
    if (death === 'kill') this.host.kill()
    else {
      this.#powerCuts += 1
      this.host.crash()
    }
    this.#options.events.died(death, !this.#isTainted)
  }

  /** The process dies at its `count`th disk call from now, in the middle of whatever it does. */
  dieAtCall(count: number, death: Death): void {
    this.#lastCall = { left: count, death }
  }

  /** Puts a fault on the disk for as long as this process lives. */
  addFault(fault: DiskFault): void {
    this.#isTainted = true
    this.#mayNotStart = true
    this.host.disk.faults.add(fault)
  }

  /** The next commit of metadata fails. */
  failCommit(fault: CommitFault): void {
    this.#mayNotStart = true
    this.coordination.fail(fault)
  }

  /** Every sync takes so long from now on. */
  slowDown(syncMs: number): () => void {
    return this.host.disk.faults.add({ operation: 'sync', delayMs: syncMs })
  }

  /** An error that nobody in the broker caught: its process would have ended. */
  uncaught(error: unknown): void {
    if (isOfDeadProcess(error)) return
    this.#options.failed(
      error instanceof Violation
        ? error
        : new Violation(`the broker's process ended by an error: ${describe(error)}`, {
            cause: error,
          }),
    )
  }

  async #startBroker(life: number): Promise<Broker> {
    const { plants } = this.#options
    this.slowDown(1)
    const environment = this.#environmentOf(life)
    const session = await this.coordination.session(environment)
    return startBroker({
      config: this.#config,
      environment,
      logger: this.#logger(life),
      isMemory: true,
      coordination: plants?.coordination?.(session) ?? session,
      onFatal: (sentence) => {
        if (life === this.#life) this.#gaveUp(sentence)
      },
    })
  }

  #environmentOf(life: number): Environment {
    const watch: DiskWatch = {
      before: (operation, path) => this.#beforeCall(operation, path),
      isAlive: () => life === this.#life && this.#state !== 'down',
    }
    const { plants } = this.#options
    const disk = plants?.disk?.(this.host.disk, watch) ?? new WatchedDisk(this.host.disk, watch)
    return { ...this.host.environment(), disk }
  }

  #beforeCall(operation: DiskOperation, path: string): void {
    const last = this.#lastCall
    if (last === undefined) return
    last.left -= 1
    if (last.left > 0) return
    this.#note(`reaches its last call: ${operation} ${path}`)
    this.die(last.death)
    throw deathError(operation, path)
  }

  #notStarted(life: number, error: unknown): void {
    if (life !== this.#life || this.#state !== 'starting' || isOfDeadProcess(error)) return
    if (!(error instanceof StartError) || !this.#mayNotStart) {
      this.#options.failed(
        new Violation(`the broker does not start: ${describe(error)}`, { cause: error }),
      )
      return
    }
    this.#note(`does not start: ${error.message}`)
    this.die('kill')
  }

  /** Its last log directory is gone. */
  #gaveUp(sentence: string): void {
    if (!this.#isTainted) {
      this.uncaught(new Violation(`the broker gave up: ${sentence}`))
      return
    }
    this.#note(`gives up: ${sentence}`)
    this.die('kill')
  }

  #end(): void {
    this.#state = 'down'
    this.#broker = undefined
    this.#lastCall = undefined
    void this.coordination.endSessions()
  }

  #logger(life: number): Logger {
    const say = (level: LogLevel, fields: object, message: string): void => {
      if (life !== this.#life || this.#state === 'down' || level === 'debug') return
      this.#note(textLine({ level, message, fields: { ...fields } }, 0).slice(24))
    }
    return loggerTo(say, {})
  }

  #note(what: string): void {
    this.#options.trace.note(BROKER_HOST, what)
  }
}

function loggerTo(
  say: (level: LogLevel, fields: object, message: string) => void,
  own: object,
): Logger {
  const at = (level: LogLevel) => (fields: object, message: string) =>
    say(level, { ...own, ...fields }, message)
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerTo(say, { ...own, ...fields }),
  }
}

function configOf(settings: Readonly<Record<string, string>>): ServerConfig {
  const all = {
    listeners: `PLAINTEXT://${BROKER_HOST}:${BROKER_PORT}`,
    'log.dirs': LOG_DIRS.join(),
    ...settings,
  }
  return serverConfig(Object.entries(all).map(([key, value]) => optionSetting(`${key}=${value}`)))
}

/** Whether an error comes from a process that was dead by then: nobody could have seen it. */
export function isOfDeadProcess(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (at instanceof DeadProcess) return true
  return false
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
