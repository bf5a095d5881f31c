/** A broker that whole-broker tests talk to, whoever made it. */

/** A broker, running or ended. */
export interface Broker {
  /** What is under test, for messages. */
  readonly name: string
  /** `host:port` of its listener; stays the same over restarts. */
  readonly bootstrap: string
  /** Where its partitions lie; undefined for a broker that this process did not start. */
  readonly dataDirectory: string | undefined
  /** Whether it ends, leaving nothing behind, with the test process at the latest. */
  readonly endsWithProcess: boolean
  /** The end of what it printed so far. */
  output(): string
  /** Ends it as an operator would and waits for it. Throws when it does not end, or ends unwell. */
  stop(): Promise<void>
  /** Ends it with SIGKILL, in the middle of whatever it does. */
  kill(): Promise<void>
  /** Starts it again on the same directory and port. */
  restart(): Promise<void>
  /** Stops it and removes what it wrote. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface BrokerOptions {
  /** Broker configuration by Kafka's keys. */
  readonly config?: Readonly<Record<string, string>>
  /** A directory to start on, kept afterwards. Absent: an empty one, removed afterwards. */
  readonly dataDirectory?: string
}
