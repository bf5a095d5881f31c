import type { ConnectionInfo } from '../network/connection.ts'
import { KafkaError } from '../protocol/errors.ts'
import { decodeRequestBody, encodeResponse, type IncomingRequest } from '../protocol/frame.ts'
import type { Api, RequestOf, ResponseInput } from '../protocol/schema.ts'
import { errorResponse } from './error-response.ts'
import type { BrokerServices } from './services.ts'

/** What a handler knows of the request besides its body. */
export interface RequestContext {
  readonly broker: BrokerServices
  readonly apiVersion: number
  readonly clientId: string | null
  readonly connection: ConnectionInfo
  /** Runs `release` when the answer has left, or will not: for buffers lent to it. */
  afterSent(release: () => void): void
}

/** null: the request is never answered (Produce with acks=0). */
type Result<A extends Api> = ResponseInput<A> | null

type Handle<A extends Api> = (
  request: RequestOf<A>,
  context: RequestContext,
) => Result<A> | Promise<Result<A>>

export interface HandlerOptions {
  /** A request may begin while earlier ones of this API are unanswered, because what has to happen
   *  in order happens before it first waits. All others of a connection run one after the other. */
  readonly pipelined?: boolean
  /** Once it has answered, nobody looks at the bytes of the request unless he holds their memory
   *  (`kernel/buffer-pool.ts`): it may receive other frames. */
  readonly keepsNothing?: boolean
}

/** How one API is answered. */
export interface Handler {
  readonly api: Api
  readonly isPipelined: boolean
  readonly keepsNothing: boolean
  /**
   * Decodes, handles and encodes.
   * @returns the whole answer frame, null for a request that gets none.
   * @throws KafkaError (rejects) when the request cannot be read: its connection has to be closed.
   */
  answer(request: IncomingRequest, context: RequestContext): Promise<readonly Uint8Array[] | null>
}

/**
 * Binds an API to the function that answers it. Decoding, order, error codes of a whole request and
 * the answer's encoding are the pipeline's; the function holds only what is special.
 * It throws `KafkaError` for a fault of the whole request.
 */
export function handler<A extends Api>(
  api: A,
  handle: Handle<A>,
  options: HandlerOptions = {},
): Handler {
  return {
    api,
    isPipelined: options.pipelined ?? false,
    keepsNothing: options.keepsNothing ?? false,
    async answer(request, context) {
      const { apiVersion, correlationId } = request
      const body = decodeRequestBody(api, request)
      let response: Result<A>
      try {
        response = await handle(body, context)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        context.broker.logger.debug(
          { api: api.name, apiVersion, clientId: request.clientId, error: error.error },
          error.message,
        )
        response = errorResponse(api, apiVersion, body, error)
      }
      return response === null ? null : encodeResponse(api, apiVersion, correlationId, response)
    },
  }
}
