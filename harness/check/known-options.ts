import { HarnessError } from '../errors.ts'
import { strayField } from '../nearest.ts'
import type { Check } from './check.ts'

/** Makes a check from its options. */
type Maker = (...options: never[]) => Check

/** All options that a maker reads; the compiler holds the list complete. */
type OptionsOf<Make extends Maker> = Readonly<Record<keyof NonNullable<Parameters<Make>[0]>, true>>

/**
 * The same maker, which throws `ERR_SCENARIO_INVALID` for an option that it does not read: a check that looks at something
 * else than its author thinks is silent, or cries wolf.
 */
export function withKnownOptions<Make extends Maker>(make: Make, options: OptionsOf<Make>): Make {
  const strict: Maker = (...given) => {
    const stray = strayField(given[0] ?? {}, options)
    if (stray !== undefined) throw new HarnessError('ERR_SCENARIO_INVALID', `check.${make.name}(): ${stray}`)
    return make(...given)
  }
  // The list of all checks is made from the names of their makers.
  return Object.defineProperty(strict, 'name', { value: make.name }) as Make
}
