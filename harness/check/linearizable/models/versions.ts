import { fieldIn } from './inputs.ts'

/** The version that an answer names: a number, `{ version }` or `{ etag }`; undefined when it names none. */
export function versionIn(output: unknown): number | undefined {
  return numberOf(fieldIn(output, 'version') ?? fieldIn(output, 'etag') ?? output)
}

/** The version that a write depends on; undefined when it depends on none. */
export function conditionIn(input: unknown): number | undefined {
  return numberOf(fieldIn(input, 'ifVersion') ?? fieldIn(input, 'ifMatch'))
}

function numberOf(version: unknown): number | undefined {
  if (typeof version === 'number') return version
  const digits = typeof version === 'string' ? /^(?:W\/)?"?(\d+)"?$/.exec(version)?.[1] : undefined
  return digits === undefined ? undefined : Number(digits)
}
