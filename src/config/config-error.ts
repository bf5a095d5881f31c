/**
 * A value that a key does not accept. Thrown while reading a file, a command line or an alteration;
 * `message` is the sentence Kafka's tools print for the same mistake, the fields are for callers
 * that say more (the file and line, the allowed range).
 */
export class ConfigError extends Error {
  readonly key: string
  /** As it was written; `[hidden]` for passwords. */
  readonly value: string
  /** What the key accepts, in words. */
  readonly allowed: string

  constructor(key: string, value: string, allowed: string, message: string) {
    super(message)
    this.name = 'ConfigError'
    this.key = key
    this.value = value
    this.allowed = allowed
  }
}
