import { type Serde, type SerdeName, serdeNamed } from './serdes.ts'

/** A topic with the types of its keys and values, and how they are written: one value that producers
 *  and consumers share. */
export interface Topic<K, V> {
  readonly name: string
  readonly key: Serde<K>
  readonly value: Serde<V>
}

/** How a typed topic is declared. */
export interface TopicSerdes<K, V> {
  readonly key?: Serde<K> | SerdeName
  readonly value?: Serde<V> | SerdeName
}

/**
 * Declares a typed topic: `topic<string, Order>('orders', { value: 'json' })`. Keys are texts unless
 * told otherwise, values JSON.
 */
export function topic<K = string, V = unknown>(
  name: string,
  { key = 'string', value = 'json' }: TopicSerdes<K, V> = {},
): Topic<K, V> {
  // A name stands for the serde of the type that the caller states for it.
  const serdeOf = <T>(given: Serde<T> | SerdeName) =>
    typeof given === 'string' ? (serdeNamed(given) as Serde<T>) : given
  return { name, key: serdeOf(key), value: serdeOf(value) }
}
