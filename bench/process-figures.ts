/** What Linux says about a process and about the machine, read from /proc. */

import { readdirSync, readFileSync } from 'node:fs'

/** /proc counts CPU time in hundredths of a second on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100
/** Positions in /proc/PID/stat, counted from the state, which follows the name in parentheses. */
const USER_TICKS = 11
const SYSTEM_TICKS = 12
const REAPED_USER_TICKS = 13
const REAPED_SYSTEM_TICKS = 14
const START_TICKS = 19

/** CPU seconds that a process has used in all its threads, in steps of 10 ms. */
export function cpuSeconds(pid: number): number {
  const stat = statOf(pid)
  return (stat[USER_TICKS]! + stat[SYSTEM_TICKS]!) / TICKS_PER_SECOND
}

/** CPU seconds of this process and of its children that have ended. */
function ownCpuSeconds(): number {
  const stat = statOf(process.pid)
  return cpuSeconds(process.pid) + (stat[REAPED_USER_TICKS]! + stat[REAPED_SYSTEM_TICKS]!) / 100
}

/** Milliseconds since a process began, in steps of 10 ms. */
export function ageMs(pid: number): number {
  const upSeconds = Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0])
  return (upSeconds - statOf(pid)[START_TICKS]! / TICKS_PER_SECOND) * 1000
}

/** Bytes of memory that a process occupies now (its resident set). */
export function residentBytes(pid: number): number {
  return statusField(`/proc/${pid}/status`, 'VmRSS') * 1024
}

/** How often the threads of a process went to sleep, and so were woken, so far. */
export function voluntarySwitches(pid: number): number {
  let sum = 0
  for (const thread of readdirSync(`/proc/${pid}/task`))
    sum += statusField(`/proc/${pid}/task/${thread}/status`, 'voluntary_ctxt_switches')
  return sum
}

/** CPU use over a stretch of time. */
export interface CpuUse {
  readonly seconds: number
  readonly brokerSeconds: number
  /** Of the clients that began and ended within it, and of this process. */
  readonly clientSeconds: number
  /** Of everything else on the machine: other programs, the kernel's own threads, stolen time. */
  readonly otherSeconds: number
}

/** Begins to watch; call the result at the end. */
export function watchCpu(brokerPid: number): () => CpuUse {
  const look = () => ({
    seconds: performance.now() / 1000,
    brokerSeconds: cpuSeconds(brokerPid),
    clientSeconds: ownCpuSeconds(),
    busySeconds: machineBusySeconds(),
  })
  const from = look()
  return () => {
    const to = look()
    const brokerSeconds = to.brokerSeconds - from.brokerSeconds
    const clientSeconds = to.clientSeconds - from.clientSeconds
    const busySeconds = to.busySeconds - from.busySeconds
    return {
      seconds: to.seconds - from.seconds,
      brokerSeconds,
      clientSeconds,
      otherSeconds: Math.max(0, busySeconds - brokerSeconds - clientSeconds),
    }
  }
}

/** CPU seconds in which the cores of the machine were not idle, since it was started. */
function machineBusySeconds(): number {
  const line = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!
  // user nice system idle iowait irq softirq steal; the rest is counted in user already.
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number)
  const [, , , idle = 0, waiting = 0] = ticks
  return (ticks.reduce((sum, value) => sum + value, 0) - idle - waiting) / TICKS_PER_SECOND
}

function statOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
}

function statusField(path: string, name: string): number {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(path, 'utf8'))
  if (!found) throw new Error(`${path} has no ${name}`)
  return Number(found[1])
}
