import type { Assignor } from './assignor.ts'
import { range } from './range.ts'
import { uniform } from './uniform.ts'

/** Those that `group.consumer.assignors` and members may name. */
export const assignors: Readonly<Record<string, Assignor>> = {
  [uniform.name]: uniform,
  [range.name]: range,
}
