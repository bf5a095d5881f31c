/** Kafka's own command-line tools, run from ../shared/lab: many commands in one JVM. */

import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { kafkaLab } from '../oracle.ts'
import { parseRun, type Run } from './golden.ts'

const run = promisify(execFile)

/** A command to run. `files` are written beside it first; `$W` in the command is where. */
export interface Command {
  readonly name: string
  readonly command: string
  readonly stdin: string
  readonly files?: Readonly<Record<string, string>>
  /** Lines of the case file that come first: `GoldenRow.before`. */
  readonly before?: readonly string[]
}

/**
 * Runs commands one after the other.
 * @returns what each printed, by its name.
 */
export async function runTools(
  bootstrap: string,
  commands: readonly Command[],
): Promise<ReadonlyMap<string, Run>> {
  const home = await mkdtemp(join(tmpdir(), 'moldau-tools-'))
  try {
    const { stdout: classpath } = await run(kafkaLab, ['classpath'])
    const { stdout: table } = await run(kafkaLab, ['tools'])
    const log4j = join(dirname(dirname(classpath.trim())), 'tool-log4j2.xml')
    await writeFile(join(home, 'table'), table)
    await writeFile(join(home, 'cases'), commands.map(caseOf).join('\n'))
    const at = (name: string): string => join(home, name)
    await run(
      'java',
      ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
        .concat(`-Dlog4j2.configurationFile=${log4j}`, '-cp', classpath.trim())
        .concat(join(dirname(kafkaLab), 'extract/Golden.java'))
        .concat(at('cases'), at('table'), at('out'), at('work'), 'no-cluster', bootstrap),
      { maxBuffer: 64 * 1024 * 1024 },
    )
    const runs = new Map<string, Run>()
    for (const file of await readdir(at('out')))
      runs.set(nameOf(file), parseRun(await readFile(join(at('out'), file), 'utf8')))
    return runs
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** `020-topics-describe.txt` is the run of `topics-describe`. */
export function nameOf(file: string): string {
  return file.replace(/^\d+-|\.txt$/g, '')
}

/** A command as the case file wants it. The tools that end the JVM run in one of their own. */
function caseOf({ name, command, stdin, files = {}, before = [] }: Command): string {
  const lines = stdin.split('\n').slice(0, -1)
  return [
    `# ${name}`,
    ...Object.entries(files).map(([file, text]) => `> ${file} ${text}`),
    ...before,
    ...lines.map((line) => `< ${line.replaceAll('\t', '\\t')}`),
    `${/^kafka-verifiable/.test(command) ? '%' : '$'} ${command.replaceAll('$W', '{W}')}`,
  ].join('\n')
}

/**
 * Runs a program of this folder with Kafka's own classes.
 * @param input lines for its standard input.
 * @returns the lines that it prints.
 */
export async function runJava(
  program: string,
  input: readonly string[],
): Promise<readonly string[]> {
  const { stdout: classpath } = await run(kafkaLab, ['classpath'])
  const log4j = join(dirname(dirname(classpath.trim())), 'tool-log4j2.xml')
  const running = run(
    'java',
    ['-Xmx512m', '-XX:+UseSerialGC', `-Dlog4j2.configurationFile=${log4j}`]
      .concat('-Dfile.encoding=UTF-8', '-cp', classpath.trim())
      .concat(join(import.meta.dirname, program)),
    { maxBuffer: 256 * 1024 * 1024 },
  )
  running.child.stdin?.end(input.map((line) => `${line}\n`).join(''))
  const { stdout } = await running
  return stdout.split('\n').slice(0, -1)
}
