/** The controller: decisions about what the cluster shall be, each a pure function of the image and a
 *  request. Whoever makes one commits it only if what it looked at is still so. */
import { KafkaError } from '../protocol/errors.ts'

const MAX_NAME_LENGTH = 249
const LEGAL = /^[a-zA-Z0-9._-]+$/

/**
 * Holds a topic's name to Kafka's rules; they come from its being a directory's name too.
 * @throws KafkaError INVALID_TOPIC_EXCEPTION
 */
export function checkTopicName(name: string): void {
  const problem = nameProblem(name)
  if (problem !== undefined) {
    throw new KafkaError('INVALID_TOPIC_EXCEPTION', `Topic name is invalid: ${problem}`)
  }
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'the empty string is not allowed'
  if (name === '.' || name === '..') return `'${name}' is not allowed`
  if (name.length > MAX_NAME_LENGTH) {
    return `the length of '${name}' is longer than the max allowed length ${MAX_NAME_LENGTH}`
  }
  if (LEGAL.test(name)) return undefined
  return `'${name}' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'`
}
