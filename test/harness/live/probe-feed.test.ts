import { describe, expect, it } from 'vitest'
import { ProbeFeed } from '../../../harness/live/probe-feed.ts'
import { RunClock } from '../../../harness/live/run-clock.ts'

describe('the feed of what a target publishes', () => {
  it('waits once for a target whose event loop stands still, and asks again when it turns', async () => {
    const answers: (() => void)[] = []
    const feed = new ProbeFeed(
      new RunClock(),
      () => new Promise((resolve) => answers.push(resolve)),
      () => {},
      20,
    )
    await feed.pull()
    await feed.pull()
    expect(answers).toHaveLength(1)
    answers[0]?.()
    const askedAgain = () => {
      void feed.pull()
      return answers.length
    }
    await expect.poll(askedAgain).toBeGreaterThan(1)
  })
})
