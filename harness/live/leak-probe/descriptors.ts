import { readdirSync, readlinkSync } from 'node:fs'

/** How many things are named at most; those with the most descriptors come first. */
const namedThings = 50

/** The open descriptors of a process; null where there is no /proc, 0 for a process that is gone. */
export function countDescriptors(pid: number): number | null {
  if (process.platform !== 'linux') return null
  return descriptorsOf(pid).length
}

/** What the descriptors of a process are open on, and how many of them: `/srv/app.db`, `socket:[#]`. Empty without /proc. */
export function openThings(pid: number): Record<string, number> {
  const counts = new Map<string, number>()
  for (const descriptor of descriptorsOf(pid)) {
    const thing = thingBehind(pid, descriptor)
    if (thing !== null) counts.set(thing, (counts.get(thing) ?? 0) + 1)
  }
  const most = [...counts].sort(([, one], [, other]) => other - one).slice(0, namedThings)
  return Object.fromEntries(most)
}

function descriptorsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`)
  } catch {
    return []
  }
}

/** Null for one that was closed meanwhile. Numbers and parts of ids are left out, so that things of a kind share a name. */
function thingBehind(pid: number, descriptor: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/fd/${descriptor}`).replace(/[\da-f]*\d[\da-f]*/gi, '#')
  } catch {
    return null
  }
}
