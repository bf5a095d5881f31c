import { createRequire } from 'node:module'
import { realClock } from './real-clock.ts'

/**
 * Structured log lines: a sentence and the fields it speaks of. One line per change of state, never
 * per record or request.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A logger that adds `fields` to each of its lines. */
  child(fields: LogFields): Logger
}

/** Ids, counts and names. An `Error` below any key is written with its message and its cause. */
export type LogFields = Readonly<Record<string, unknown>>

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** One line as `collectingLogger` keeps it. */
export interface LogEntry {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields
}

export interface LoggerOptions {
  /** Lines below it are dropped. */
  readonly level: LogLevel
  /** `text`: one line for people. `json`: one object per line, for collectors (written by pino). */
  readonly format: 'text' | 'json'
}

/** The process's logger. Writes to standard error, so that standard output stays a command's own. */
export function processLogger(options: LoggerOptions): Logger {
  return options.format === 'json' ? pinoLogger(options.level) : textLogger(options.level)
}

/** A logger for tests: keeps its lines in `entries`, its children's too. */
export function collectingLogger(): Logger & { readonly entries: readonly LogEntry[] } {
  const entries: LogEntry[] = []
  const logger = loggerTo((entry) => entries.push(entry), {})
  return { ...logger, entries }
}

/** A logger that says nothing. */
export const silentLogger: Logger = loggerTo(() => {}, {})

/**
 * One line for people: time, level, sentence, fields.
 * `2026-01-31 12:00:00.000 WARN  Closed a connection. remote=10.0.0.1:4711 reason=idle`
 */
export function textLine(entry: LogEntry, atMs: number): string {
  const time = new Date(atMs).toISOString().replace('T', ' ').replace('Z', '')
  let line = `${time} ${entry.level.toUpperCase().padEnd(5)} ${oneLine(entry.message)}`
  for (const [key, value] of Object.entries(entry.fields)) line += ` ${key}=${textOf(value)}`
  return line
}

function textLogger(level: LogLevel): Logger {
  const lowest = ORDER[level]
  return loggerTo((entry) => {
    if (ORDER[entry.level] < lowest) return
    // The time of a line is for people only: it is the machine's, also in a simulation.
    process.stderr.write(`${textLine(entry, realClock.now())}\n`)
  }, {})
}

function pinoLogger(level: LogLevel): Logger {
  // Loaded when asked for: it takes 15 ms, a tenth of the broker's whole start.
  // `require` has no types; pino's own declaration is the one named here.
  const pino = createRequire(import.meta.url)('pino') as typeof import('pino').default
  const serializers = { error: pino.stdSerializers.err }
  return pino({ level, serializers, base: { pid: process.pid } }, pino.destination(2))
}

const ORDER: Readonly<Record<LogLevel, number>> = { debug: 20, info: 30, warn: 40, error: 50 }

function loggerTo(write: (entry: LogEntry) => void, own: LogFields): Logger {
  const at = (level: LogLevel) => (fields: LogFields, message: string) =>
    write({ level, message, fields: { ...own, ...fields } })
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => loggerTo(write, { ...own, ...fields }),
  }
}

function textOf(value: unknown): string {
  if (value instanceof Error) return JSON.stringify(withCauses(value))
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value)
  if (typeof value === 'object' && value !== null) return JSON.stringify(value, plain)
  return String(value)
}

/** The message of an error and of everything that caused it. */
function withCauses(error: Error): string {
  const causes: string[] = []
  let at: unknown = error
  for (let depth = 0; at instanceof Error && depth < 8; depth++) {
    causes.push(at.message)
    at = at.cause
  }
  return causes.join(': ')
}

function plain(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ')
}
