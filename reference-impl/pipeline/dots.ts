import { setTimeout as delay } from 'node:timers/promises'

// A program that shows by dots how far it is, and never ends the line. When it has shown all, it rests.
await show({ times: 20 })
await delay(600_000)

async function show({ times }: { times: number }): Promise<void> {
  for (let shown = 0; shown < times; shown++) {
    await delay(20)
    process.stdout.write('.'.repeat(50))
  }
}
