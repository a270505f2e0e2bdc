import { HarnessError } from '../errors.ts'
import { isStrategyName, strategyNames } from '../sim/strategy/strategies.ts'
import { threadStrategyNames } from '../threads/strategy/strategies.ts'
import type { WorldName } from '../worlds.ts'

/** The strategies to choose from on the command line, by world. */
export function strategyChoices(): string {
  return `sim: ${strategyNames.join(', ')}; threads: ${threadStrategyNames.join(', ')}`
}

/** Throws `ERR_USAGE` unless it names a strategy of a world; live, nothing picks the order. */
export function expectStrategy(name: string, world: WorldName): void {
  if (world === 'live' || (world === 'sim' ? isStrategyName(name) : isThreadStrategy(name))) return
  const expected =
    world === 'sim'
      ? `${strategyNames.join(', ')}, or delay and pct with a figure as in 'pct:2'`
      : threadStrategyNames.join(', ')
  throw new HarnessError('ERR_USAGE', `--strategy: expected one of ${expected} in the world ${world}, got '${name}'`)
}

function isThreadStrategy(name: string): boolean {
  return threadStrategyNames.some((known) => known === name)
}
