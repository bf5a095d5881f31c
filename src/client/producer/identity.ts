import { initProducerId } from '../../protocol/api/22-init-producer-id.ts'
import { errorName } from '../../protocol/errors.ts'
import type { Cluster } from '../cluster.ts'
import { clientError, isRetriable } from '../errors.ts'

/** Under which a broker recognises what it has been sent already. */
export interface ProducerIdentity {
  readonly producerId: number
  readonly epoch: number
}

const LAST_EPOCH = 32_767
/** Only meant for transactions; brokers check it all the same. */
const TRANSACTION_TIMEOUT_MS = 60_000
/** How long one round of attempts goes on before the next begins. */
const ROUND_MS = 60_000

/** The identity of an idempotent producer: asked for once, then counted on by itself (KIP-360). */
export class IdentityKeeper {
  readonly #cluster: Cluster
  readonly #changed: () => void
  #current: ProducerIdentity | undefined
  #asking = false
  /** Why there will be none. */
  error: Error | undefined

  /** @param changed called when there is an identity, or an `error`. */
  constructor(cluster: Cluster, changed: () => void) {
    this.#cluster = cluster
    this.#changed = changed
  }

  /** The identity, or undefined while it is being asked for. */
  get current(): ProducerIdentity | undefined {
    if (this.#current === undefined && this.error === undefined && !this.#asking) void this.#ask()
    return this.#current
  }

  /** One that comes after `used`; undefined while it is being asked for. */
  after(used: ProducerIdentity | undefined): ProducerIdentity | undefined {
    const current = this.#current
    const isUsed = used?.producerId === current?.producerId && used?.epoch === current?.epoch
    if (current === undefined || !isUsed) return this.current
    if (current.epoch < LAST_EPOCH) this.#current = { ...current, epoch: current.epoch + 1 }
    else this.#current = undefined
    return this.current
  }

  async #ask(): Promise<void> {
    this.#asking = true
    try {
      for (;;) {
        try {
          this.#current = await this.#once()
          return
        } catch (error) {
          if (!isRetriable(error) || this.#cluster.signal.aborted) throw error
        }
      }
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error))
    } finally {
      this.#asking = false
      this.#changed()
    }
  }

  async #once(): Promise<ProducerIdentity> {
    const request = { transactionalId: null, transactionTimeoutMs: TRANSACTION_TIMEOUT_MS }
    const deadlineMs = this.#cluster.deadline(ROUND_MS)
    const answer = await this.#cluster.ask('any', initProducerId, request, {
      deadlineMs,
      check({ errorCode }, connection) {
        if (errorCode === 0) return
        throw clientError(errorName(errorCode), connection.place(initProducerId))
      },
    })
    return { producerId: answer.producerId, epoch: answer.producerEpoch }
  }
}
