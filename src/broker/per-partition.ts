import { KafkaError } from '../protocol/errors.ts'

/**
 * Answers each item of a list: with what `answer` returns, or what `refuse` makes of the `KafkaError`
 * it threw. Other errors are faults of ours and pass through.
 */
export function answerEach<Item, Answer>(
  items: readonly Item[],
  answer: (item: Item) => Answer | Promise<Answer>,
  refuse: (item: Item, error: KafkaError) => Answer,
): Promise<Answer[]> {
  return Promise.all(
    items.map(async (item) => {
      try {
        return await answer(item)
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error
        return refuse(item, error)
      }
    }),
  )
}
