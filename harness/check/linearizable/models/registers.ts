import type { Answer } from '../../../model.ts'
import { anything, impossible, model } from '../../../model.ts'
import { same } from '../identity.ts'
import { registerMonitor } from '../monitors/register.ts'
import { versionedRegisterMonitor } from '../monitors/versioned-register.ts'
import { fieldIn, keyIn, valueIn } from './inputs.ts'
import { conditionIn, versionIn } from './versions.ts'

interface RegisterOperations {
  read(input: unknown): unknown
  write(input: unknown): unknown
}

/** Holds one value, `null` at first. `read()` → value, `write(value)`. */
export const register = model<RegisterOperations, unknown>({
  name: 'register',
  init: null,
  partition: keyIn,
  apply: {
    read: (held) => [held, held],
    write: (_, input) => [anything, valueIn(input)],
  },
  readOnly: ({ f }) => f === 'read',
  monitor: registerMonitor,
})

interface CasRegisterOperations extends RegisterOperations {
  cas(input: unknown): boolean
}

/** A register with `cas([from, to])` → whether it held `from`, and holds `to` now. */
export const casRegister = model<CasRegisterOperations, unknown>({
  name: 'cas-register',
  init: null,
  partition: keyIn,
  apply: {
    read: (held) => [held, held],
    write: (_, input) => [anything, valueIn(input)],
    cas: (held, input) => {
      const { from, to } = exchangeOf(input)
      return same(held, from) ? [true, to] : [false, held]
    },
  },
  readOnly: ({ f, output }) => f === 'read' || (f === 'cas' && output === false),
  monitor: registerMonitor,
})

/** `[from, to]` or `{ from, to }`, either with a key (`{ key, value: [from, to] }`, `{ key, from, to }`). */
function exchangeOf(input: unknown): { from: unknown; to: unknown } {
  const value = valueIn(input)
  if (Array.isArray(value)) return { from: value[0], to: value[1] }
  return { from: fieldIn(input, 'from'), to: fieldIn(input, 'to') }
}

interface VersionedOperations {
  read(input: unknown): unknown
  write(input: unknown): unknown
}

interface Versioned {
  version: number
  value: unknown
}

/**
 * A register whose every write makes a version, 1, 2, 3 …; `null` in version 0 at first. `read()` → `{ value, version }`;
 * `write(value)` or `write({ value, ifVersion })` → `{ version }`, or `false` when the condition did not hold. Versions
 * may be written as ETags are: `etag` and `ifMatch` with `"7"` or `W/"7"`.
 */
export const versionedRegister = model<VersionedOperations, Versioned>({
  name: 'versioned-register',
  init: { version: 0, value: null },
  partition: keyIn,
  step: {
    read: (held, _, answer) => (!answer.known || shows(answer.output, held) ? held : impossible),
    write: (held, input, answer) => writeVersion(held, input, answer),
  },
  readOnly: ({ f, output }) => f === 'read' || output === false,
  monitor: versionedRegisterMonitor,
})

function shows(output: unknown, { version, value }: Versioned): boolean {
  return versionIn(output) === version && same(fieldIn(output, 'value'), value)
}

function writeVersion(held: Versioned, input: unknown, answer: Answer): Versioned | typeof impossible {
  const condition = conditionIn(input)
  const holds = condition === undefined || condition === held.version
  const written = { version: held.version + 1, value: valueIn(input) }
  if (!answer.known) return holds ? written : held
  if (answer.output === false) return holds ? impossible : held
  const version = versionIn(answer.output)
  return holds && (version === undefined || version === written.version) ? written : impossible
}
