import { groupTargets } from './group-targets.ts'
import { protocolTargets } from './protocol-targets.ts'
import type { FuzzTarget } from './target.ts'

/** Everything that is fuzzed. A folder with decoders adds its list here. */
export const targets: readonly FuzzTarget[] = [...protocolTargets, ...groupTargets]
