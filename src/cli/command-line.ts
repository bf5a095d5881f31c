import { Command, Option } from 'commander'
import manifest from '../../package.json' with { type: 'json' }

const collect = (value: string, previous: readonly string[]): string[] => [...previous, value]

/** The command line as it is parsed and documented: one file per command, loaded when it is asked for. */
export function commandLine(): Command {
  const program = new Command('moldau')
    .description('A complete Apache Kafka platform in one process.')
    .version(manifest.version)
    .showHelpAfterError('(moldau --help lists the commands)')
    .configureOutput({
      outputError: (text, write) => write(text.replace(/^error: /, 'moldau: ')),
    })
  program
    .command('start')
    .description('Start a broker that keeps its data, and run it until SIGINT or SIGTERM.')
    .option(
      '--port <number>',
      'port for clients, 0 for any free one (default: 9092 on 127.0.0.1, or as the file says)',
    )
    .option('--data <directory>', 'where the data lives (default: ./data, or as the file says)')
    .option('--memory', 'keep everything in memory and lose it at the end')
    .option('--config <file>', 'a Kafka server.properties, taken as it is')
    .option('--set <key=value>', 'a broker setting; may be given many times', collect, [])
    .addOption(
      new Option('--log-format <format>', 'how log lines are written to standard error')
        .choices(['text', 'json'])
        .default('text'),
    )
    .action(async (options) => {
      const { start } = await import('./start.ts')
      await start(options)
    })
  return program
}
