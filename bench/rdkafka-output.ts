/** What `rdkafka_performance` prints at its end. */

/** How much was moved, and how long it took. */
export interface Throughput {
  readonly records: number
  /** Of the values alone, before compression. */
  readonly bytes: number
  readonly seconds: number
}

/** Of a producer (`-P`). @throws when not every record was acknowledged. */
export function producerThroughput(stdout: string, records: number, bytes: number): Throughput {
  const found = /(\d+) delivered \(offset -?\d+, (\d+) failed\) in (\d+)ms/.exec(stdout)
  const [, delivered, failed, ms] = found?.map(Number) ?? []
  if (delivered !== records || failed !== 0 || !ms)
    throw new Error(`${records} records were to be acknowledged:\n${stdout}`)
  return { records, bytes: records * bytes, seconds: ms / 1000 }
}

/** Of a consumer (`-C`). @throws when it did not get as many records as it was to. */
export function consumerThroughput(stdout: string, records: number): Throughput {
  const found = /(\d+) messages \((\d+) bytes\) consumed in (\d+)ms/.exec(stdout)
  const [, consumed = 0, bytes = 0, ms] = found?.map(Number) ?? []
  if (consumed < records || !ms)
    throw new Error(`${records} records were to be consumed:\n${stdout}`)
  return { records: consumed, bytes, seconds: ms / 1000 }
}
