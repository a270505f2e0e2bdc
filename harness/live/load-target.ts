import { mapBundle } from '../bundle-maps.ts'
import type { Defect } from '../defect.ts'
import type { Target } from '../target.ts'

/** The target that the module exports: as default, under any name, or as the target of the scenario it exports. */
export async function loadTarget(module: string, name: string): Promise<Target> {
  mapBundle(module)
  const exports = Object.values((await import(module)) as Record<string, unknown>)
  const candidates = exports.flatMap((value) => [value, (value as { target?: unknown } | null)?.target])
  const targets = candidates.filter(isTarget)
  const target = targets.find((candidate) => candidate.name === name)
  if (target !== undefined) return target
  const names = targets.map((found) => `'${found.name}'`).join(', ')
  throw new Error(
    `${module} exports no target named '${name}' (${names === '' ? 'it exports none' : `it exports ${names}`}). ` +
      'Export it as default or under any name, and set its `module` to `import.meta.url`.',
  )
}

function isTarget(value: unknown): value is Target {
  return typeof (value as Target | null)?.start === 'function' && typeof (value as Target).name === 'string'
}

/** The target's defect of that name; null for none. */
export function defectOf(target: Target, name: string | null): Defect | null {
  if (name === null) return null
  const found = target.defects.find((defect) => defect.name === name)
  if (found === undefined) throw new Error(`target '${target.name}' has no defect named '${name}'`)
  return found
}
