import type { Ticket } from '../../coordinator/machine.ts'
import type { EndingTransaction } from '../ending.ts'
import type { TransactionEvent } from '../events.ts'
import { NO_PARTITIONS } from '../partitions.ts'
import { TransactionShard } from '../shard.ts'
import { isEnding, type TransactionContent } from '../transaction.ts'
import type { TransactionEffect, TransactionWorld } from '../world.ts'
import type { PlantedBug } from './world-for-test.ts'

/** Puts another decision in the place of some. */
type Change = (
  event: TransactionEvent,
  decide: (event: TransactionEvent) => readonly TransactionEffect[],
  shard: TransactionShard,
) => readonly TransactionEffect[]

/** A shard that decides some things wrong. */
function deciding(change: Change): NonNullable<PlantedBug['newShard']> {
  return (onEnding) => {
    const shard = new TransactionShard(onEnding)
    const right = shard.decide.bind(shard)
    shard.decide = (event: TransactionEvent, ticket: Ticket, world: TransactionWorld) =>
      change(event, (changed) => right(changed, ticket, world), shard)
    return shard
  }
}

/** What its records tell, told otherwise. */
function rewritten(
  effects: readonly TransactionEffect[],
  change: (content: TransactionContent) => Partial<TransactionContent>,
): readonly TransactionEffect[] {
  return effects.map((effect) => {
    if (effect.type !== 'append' || effect.record.content === null) return effect
    const { content } = effect.record
    return { ...effect, record: { ...effect.record, content: { ...content, ...change(content) } } }
  })
}

/** Ends that the log told of are not told. */
function forgetful(onEnding: () => void): TransactionShard {
  const shard = new TransactionShard(onEnding)
  const loaded = shard.loaded.bind(shard)
  const endings = shard.endings.bind(shard)
  let known: readonly number[] = []
  shard.loaded = (world: TransactionWorld) => {
    known = endings().map(({ decisionOffset }) => decisionOffset)
    return loaded(world)
  }
  shard.endings = (): readonly EndingTransaction[] =>
    endings().filter(({ decisionOffset }) => !known.includes(decisionOffset))
  return shard
}

/** Bugs of the protocol. Every one of them has been somebody's. */
export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  acceptsOldCoordinators: {
    sentence: 'a partition accepts the marker of an older coordinator',
    acceptsOldCoordinators: true,
  },
  skipsVerification: {
    sentence: 'a partition takes the first batch without asking whether it is in a transaction',
    skipsVerification: true,
  },
  joinsEpochBefore: {
    sentence: 'a batch joins the transaction of the epoch before, whose marker has not come yet',
    joinsEpochBefore: true,
  },
  forgetsDecisions: {
    sentence: 'an acknowledgement of the transaction before counts for this one',
    forgetsDecisions: true,
  },
  takesFormerAnswers: {
    sentence: 'an acknowledgement of what a former coordinator has sent counts',
    version: 0,
    takesFormerAnswers: true,
  },
  takesOneForAll: {
    sentence: 'a transaction is complete when one partition has been told',
    takesOneForAll: true,
  },
  forgetsOutbox: {
    sentence: 'a new coordinator does not tell what was decided before it',
    newShard: forgetful,
  },
  endsTheNext: {
    sentence: 'a repeated EndTxn ends the next transaction',
    newShard: deciding((event, decide, shard) => {
      const transaction =
        event.type === 'end-transaction' ? shard.get(event.transactionalId) : undefined
      if (event.type !== 'end-transaction' || transaction === undefined) return decide(event)
      return decide({ ...event, producerEpoch: transaction.producerEpoch })
    }),
  },
  keepsEpoch: {
    sentence: 'the epoch stays when a new client ends a transaction',
    newShard: deciding((event, decide) =>
      decide(event.type === 'end-transaction' ? { ...event, clientVersion: 0 } : event),
    ),
  },
  abortsWithoutFence: {
    sentence: 'an abort for lack of time leaves the producer its epoch',
    newShard: deciding((event, decide, shard) => {
      const before = event.type === 'abort-overdue' ? shard.get(event.transactionalId) : undefined
      const effects = decide(event)
      if (before === undefined) return effects
      const { producerEpoch } = before
      return rewritten(effects, () => ({ producerEpoch, clientVersion: 0 }))
    }),
  },
  losesPartitions: {
    sentence: 'a partition is added without a record of it',
    newShard: deciding((event, decide, shard) => {
      const isOpen =
        event.type === 'add-partitions' && shard.get(event.transactionalId)?.state === 'ongoing'
      const effects = decide(event)
      return isOpen ? effects.filter(({ type }) => type === 'reply') : effects
    }),
  },
  forgetsOpen: {
    sentence: 'a new instance does not end what the one before left open',
    newShard: deciding((event, decide, shard) => {
      if (event.type !== 'init-producer-id') return decide(event)
      const before = shard.get(event.transactionalId)
      if (before?.state !== 'ongoing') return decide(event)
      return rewritten(decide(event), () => ({ state: 'empty', partitions: NO_PARTITIONS }))
    }),
  },
  changesItsMind: {
    sentence: 'a decision can be taken back before all partitions have been told',
    newShard: deciding((event, decide, shard) => {
      const before =
        event.type === 'init-producer-id' ? shard.get(event.transactionalId) : undefined
      if (before?.state !== 'prepare-commit' || !isEnding(before)) return decide(event)
      const { transactionalId } = before
      const content = { ...before, state: 'prepare-abort' } as const
      const record = { transactionalId, content, valueVersion: 1 } as const
      return [{ type: 'append', record }, ...decide(event)]
    }),
  },
}
