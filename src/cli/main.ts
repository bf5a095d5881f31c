/** What `moldau` runs, once `bin/moldau` has found the Node for it. */
import { commandLine } from './command-line.ts'

await commandLine().parseAsync()
