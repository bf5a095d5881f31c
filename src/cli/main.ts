/** The command line: one file per command, loaded when it is asked for. */
import { Command } from 'commander'
import manifest from '../../package.json' with { type: 'json' }

/** The launcher's end of the pipe that says it still lives (`bin/runtime.cjs`). */
const PARENT_PIPE = process.env.MOLDAU_PARENT_PIPE

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value]

const program = new Command('moldau')
  .description('A complete Apache Kafka platform in one process.')
  .version(manifest.version)
  .showHelpAfterError('(moldau --help lists the commands)')

program
  .command('start')
  .description('Start a broker that keeps its data, and run it until SIGINT or SIGTERM.')
  .option('--port <number>', 'port of the PLAINTEXT listener on 127.0.0.1 (default 9092, 0: any)')
  .option('--data <directory>', 'where the data lives (default ./data)')
  .option('--memory', 'keep everything in memory and lose it at the end')
  .option('--config <file>', 'a Kafka server.properties, taken as it is')
  .option('--set <key=value>', 'a broker setting; may be given many times', collect, [])
  .option('--log-format <format>', 'text or json', 'text')
  .action(async (options) => {
    const { start } = await import('./start.ts')
    await start({ ...options, parentPipe: PARENT_PIPE })
  })

await program.parseAsync()
