import { changed, type Next } from './change.ts'
import {
  isExhausted,
  LAST_EPOCH,
  NONE,
  raisesEpochs,
  type TransactionVersion,
} from './transaction.ts'
import type { TransactionWorld } from './world.ts'

/** How a transaction is to end. */
export interface Ending {
  readonly isCommitted: boolean
  /** 2: with a raised epoch, which the markers carry, so that none of them can end a later one. */
  readonly version: TransactionVersion
  /** Given when `needsFreshId` said so. */
  readonly freshProducerId: number | undefined
}

/** Whether an end with a raised epoch would use up the producer id. */
export function needsFreshId(from: Next, { version, freshProducerId }: Ending): boolean {
  const isUsedUp = raisesEpochs(version) && isExhausted(from.producerEpoch)
  return isUsedUp && freshProducerId === undefined
}

/** The decision, by the wish of the client itself. */
export function ended(from: Next, ending: Ending, world: TransactionWorld): Next {
  const { isCommitted, version, freshProducerId } = ending
  const state = isCommitted ? 'prepare-commit' : 'prepare-abort'
  // What was never begun begins and ends now.
  const startMs = from.state === 'ongoing' ? from.startMs : world.nowMs
  if (!raisesEpochs(version)) return changed(from, { state, startMs, clientVersion: 0 }, world)
  const raised = {
    producerEpoch: Math.min(from.producerEpoch + 1, LAST_EPOCH),
    lastProducerEpoch: from.producerEpoch,
    nextProducerId: isExhausted(from.producerEpoch) ? (freshProducerId ?? NONE) : NONE,
  }
  return changed(from, { state, startMs, clientVersion: version, ...raised }, world)
}

/**
 * The abort of an open transaction over the head of its producer, which is fenced by a raised epoch
 * that nobody is told of. In version 0 and 1 that raise is special; in version 2 every end is one.
 */
export function aborted(
  from: Next,
  freshProducerId: number | undefined,
  world: TransactionWorld,
): Next {
  const version = world.transactionVersion
  const abort = ended(from, { isCommitted: false, version, freshProducerId }, world)
  if (raisesEpochs(version)) return abort
  const producerEpoch = Math.min(from.producerEpoch + 1, LAST_EPOCH)
  return { ...abort, producerEpoch, lastProducerEpoch: NONE }
}
