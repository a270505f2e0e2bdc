import { HarnessError } from '../errors.ts'
import { isStrategyName, strategyNames } from '../sim/strategy/strategies.ts'

/** The strategies to choose from on the command line. */
export function strategyChoices(): string {
  return strategyNames.join(', ')
}

/** Throws `ERR_USAGE` unless it names a strategy. */
export function expectStrategy(name: string): void {
  if (isStrategyName(name)) return
  throw new HarnessError(
    'ERR_USAGE',
    `--strategy: expected one of ${strategyChoices()}, or delay and pct with a figure as in 'pct:2', got '${name}'`,
  )
}
