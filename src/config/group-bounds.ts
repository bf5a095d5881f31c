import type { BrokerConfig } from './broker.ts'

/** One end of what a group may be given, and the broker key that says so. */
export interface GroupBound {
  readonly name: string
  readonly value: number
}

/** What a broker lets its groups be set to: `share.session.timeout.ms` has its bounds in
 *  `group.share.{min,max}.session.timeout.ms`. An absent end is open. */
export interface GroupBounds {
  readonly min: GroupBound | undefined
  readonly max: GroupBound | undefined
}

/** The bounds of one key of a group. */
export function groupBounds(broker: BrokerConfig, key: string): GroupBounds {
  const current: Readonly<Record<string, unknown>> = broker
  const [kind, ...rest] = key.split('.')
  const bound = (word: 'min' | 'max'): GroupBound | undefined => {
    const name = `group.${kind}.${word}.${rest.join('.').replace(/^num\./, '')}`
    const value = current[name]
    return typeof value === 'number' ? { name, value } : undefined
  }
  return { min: bound('min'), max: bound('max') }
}

/** A stored value as it acts: one that a broker started with other bounds no longer allows is taken
 *  for the nearest that it does. */
export function withinBounds({ min, max }: GroupBounds, value: number): number {
  if (min !== undefined && value < min.value) return min.value
  return max !== undefined && value > max.value ? max.value : value
}
