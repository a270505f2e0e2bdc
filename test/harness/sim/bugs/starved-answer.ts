import { stat } from 'node:fs/promises'
import type { Bug } from './bug.ts'

const steps = 12

/** One operation, beside a chain of twelve that each begin when the one before has ended. */
async function chainBeside(isWaitedFor: boolean): Promise<void> {
  let isAnswered = false
  const answer = touch('answer').then(() => {
    isAnswered = true
  })
  for (let step = 0; step < steps; step++) await touch(`step ${step}`)
  if (isWaitedFor) await answer
  if (!isAnswered) throw new Error('the answer was given up, for twelve other operations were faster')
  await answer
}

async function touch(name: string): Promise<void> {
  await stat(`/nowhere/${name}`).catch(() => {})
}

/** "After twelve polls it must be there": one event is late behind a long chain, which random walks hardly ever try. */
export const starvedAnswer: Bug = {
  name: 'one event starves behind a chain',
  defective: () => chainBeside(false),
  correct: () => chainBeside(true),
}
