import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'
import type { ClusterImage } from '../../metadata/image.ts'
import { KafkaError } from '../../protocol/errors.ts'

/** Bounds what a pattern may cost: its length times what its counted repetitions multiply it to. The
 *  largest takes 0.3 s to compile and 30 MB. Kafka has no such bound. */
const MAX_SIZE = 250_000
/** RE2 allows no more, also for repetitions inside one another. */
const MAX_REPETITIONS = 1000

/** Tells whether a topic's whole name matches. */
export type TopicPattern = (topicName: string) => boolean

/**
 * Compiles what a member subscribes to by pattern (KIP-848). RE2's language: no back-references and no
 * looking around, so that matching takes time linear in the name.
 * @throws KafkaError INVALID_REGULAR_EXPRESSION for a pattern that is none or too large.
 */
export function compilePattern(pattern: string): TopicPattern {
  if (sizeBound(pattern) > MAX_SIZE) throw invalid(pattern, 'expression is too large')
  try {
    const compiled = RE2JS.compile(pattern)
    return (topicName) => compiled.matches(topicName)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw invalid(pattern, error.getDescription())
    if (error instanceof RE2JSException) throw invalid(pattern, error.message)
    throw error
  }
}

/**
 * The topics whose names match, internal ones included, as in Kafka. Linear in the names' length:
 * 10,000 topics take some 10 ms.
 * @param pattern one that is none matches nothing: it may have been stored by a broker that knew more.
 */
export function resolvePattern(pattern: string, image: ClusterImage): ReadonlySet<string> {
  const matches = patternOrNothing(pattern)
  return new Set([...image.topics.keys()].filter(matches))
}

function patternOrNothing(pattern: string): TopicPattern {
  try {
    return compilePattern(pattern)
  } catch (error) {
    if (error instanceof KafkaError) return () => false
    throw error
  }
}

function sizeBound(pattern: string): number {
  let repetitions = 1
  for (const [, least, most] of pattern.matchAll(/\{(\d+)(?:,(\d*))?\}/g))
    repetitions *= Math.max(1, Number(most || least))
  return pattern.length * Math.min(repetitions, MAX_REPETITIONS)
}

function invalid(pattern: string, why: string): KafkaError {
  return new KafkaError(
    'INVALID_REGULAR_EXPRESSION',
    `SubscribedTopicRegex \`${pattern}\` is not a valid regular expression: ${why}.`,
  )
}
