/** A broker cannot start as it was asked to. The message is a sentence for whoever started it: what
 *  happened, to what, and what to do. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
