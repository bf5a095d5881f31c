import { RE2JS, RE2JSException, RE2JSSyntaxException } from 're2js'
import type { listTransactions } from '../protocol/api/66-list-transactions.ts'
import { KafkaError } from '../protocol/errors.ts'
import type { RequestOf, ResponseInput } from '../protocol/schema.ts'
import { stateNames } from './describe.ts'
import type { Transaction } from './transaction.ts'

type Request = RequestOf<typeof listTransactions>
type Listed = ResponseInput<typeof listTransactions>['transactionStates'][number]

/** States that Kafka has names for and that are never seen from outside. */
const unseen = ['Dead', 'PrepareEpochFence']
const known: ReadonlySet<string> = new Set([...Object.values(stateNames), ...unseen])

/** Longer patterns are refused, which Kafka does not: compiling one takes time. */
const MAX_PATTERN_LENGTH = 10_000

/** Which of a broker's transactions a ListTransactions asks for. */
export type ListedTransactions = (
  transactions: Iterable<Transaction>,
  nowMs: number,
) => readonly Listed[]

/** Names of states in a filter that there are not. */
export function unknownStates({ stateFilters }: Request): readonly string[] {
  return [...new Set(stateFilters)].filter((name) => !known.has(name))
}

/**
 * What a ListTransactions filters by, made once for all partitions. Every filter that is given has to
 * fit; the duration counts from the start of the last transaction, though it may have ended, as in Kafka.
 * @throws KafkaError INVALID_REGULAR_EXPRESSION for a pattern that is none: RE2's language, where Kafka
 *   takes Java's.
 */
export function transactionFilter(request: Request): ListedTransactions {
  const { durationFilter, producerIdFilters, stateFilters } = request
  const states = new Set(stateFilters)
  const producerIds = new Set(producerIdFilters)
  const isNamed = compile(request.transactionalIdPattern)
  const fits = (transaction: Transaction, nowMs: number) =>
    (producerIds.size === 0 || producerIds.has(transaction.producerId)) &&
    (states.size === 0 || states.has(stateNames[transaction.state])) &&
    (durationFilter < 0 || nowMs - transaction.startMs > durationFilter) &&
    isNamed(transaction.transactionalId)
  return (transactions, nowMs) => {
    const listed: Listed[] = []
    for (const transaction of transactions) {
      if (fits(transaction, nowMs)) listed.push(listedAs(transaction))
    }
    return listed
  }
}

function listedAs({ transactionalId, producerId, state }: Transaction): Listed {
  return { transactionalId, producerId, transactionState: stateNames[state] }
}

/** Whole ids have to match. */
function compile(pattern: string | null): (transactionalId: string) => boolean {
  if (pattern === null || pattern === '') return () => true
  if (pattern.length > MAX_PATTERN_LENGTH) throw invalid(pattern.slice(0, 100), 'it is too long')
  try {
    const compiled = RE2JS.compile(pattern)
    return (transactionalId) => compiled.matches(transactionalId)
  } catch (error) {
    if (error instanceof RE2JSSyntaxException) throw invalid(pattern, error.getDescription())
    if (error instanceof RE2JSException) throw invalid(pattern, error.message)
    throw error
  }
}

function invalid(pattern: string, reason: string): KafkaError {
  const detail = `Transaction ID pattern \`${pattern}\` is not a valid regular expression: ${reason}.`
  return new KafkaError('INVALID_REGULAR_EXPRESSION', detail)
}
