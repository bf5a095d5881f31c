import { ModelClient } from './client-for-test.ts'
import { type ModelOptions, ModelWorld } from './world-for-test.ts'

export interface WalkOptions extends ModelOptions {
  readonly steps: number
}

/** What came of a walk. */
export interface WalkSummary {
  readonly clients: number
  readonly lives: number
  readonly records: number
  /** Transactions that ended in a partition. */
  readonly transactions: number
}

/** Instances that believe in themselves at the same time, at most. */
const MAX_INSTANCES = 3

/**
 * Instances of one transactional id, old and new ones, write to three partitions while requests and
 * markers are lost, late and doubled, time runs out and the coordinator dies. In the end all comes to
 * rest. The same seed goes the same way.
 * @throws Violation when a transaction is torn, hangs, or is not what its client was told.
 */
export function walk({ steps, ...options }: WalkOptions): WalkSummary {
  const isOld = () => (options.version ?? 2) < 2 || random.below(2) === 0
  const world = new ModelWorld(options)
  const { random } = world
  const instances: ModelClient[] = []
  let clients = 0
  for (let step = 0; step < steps; step++) {
    const isAlive = instances.some(({ isDead }) => !isDead)
    if (!isAlive || (random.below(60) === 0 && instances.length < MAX_INSTANCES)) {
      instances.push(new ModelClient(`c${clients++}`, isOld() ? 0 : 2, world))
    }
    if (random.below(3) === 0) world.step()
    else instances[random.below(instances.length)]!.step()
    for (let at = instances.length - 1; at >= 0; at--) {
      if (instances[at]!.isDead) instances.splice(at, 1)
    }
  }
  world.settle()
  const { count: transactions } = world.verdicts
  return { clients, lives: world.lives, records: world.recordCount, transactions }
}
