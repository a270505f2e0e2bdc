import { type Profiler, Session } from 'node:inspector'
import { SourceMap } from 'node:module'
import { dirname, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** How often it is looked where the code is. */
const samplingUs = 1_000

/** The profiler knows no columns, and what a line was made of begins anywhere in it. */
const endOfLine = 10_000

/** The folder of the harness, and where its sources lie. Code of the user that was inlined counts as that of its caller there. */
const harness = fileURLToPath(new URL('../', import.meta.url))
const folders = [harness, harness.replace('/dist/harness/', '/harness/')]

/** A line of a script that runs. */
interface Seen {
  readonly scriptId: string
  readonly file: string
  readonly line: number
}

/**
 * Runs synchronous code and says on which line it was most of the time, as file:line; null when that cannot be seen. The
 * profiler of V8 sees it in loops without any call as well, and where the code is blocked. `original` leads to what the user
 * wrote, where no map in the script itself does.
 */
export function busyLine(code: () => void, original: (place: string) => string): string | null {
  const session = new Session()
  session.connect()
  try {
    session.post('Profiler.enable')
    session.post('Profiler.setSamplingInterval', { interval: samplingUs })
    // Forgets what was optimised: calls that were inlined elsewhere would be seen as lines of whoever makes them.
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false })
    session.post('Profiler.start')
    code()
    const seen = mostSeen(stopped(session))
    if (seen === null) return null
    const place = mapped(seen, mapIn(seen.scriptId, session)) ?? original(`${seen.file}:${seen.line}:${endOfLine}`)
    return place.replace(/:\d+$/, '')
  } finally {
    session.disconnect()
  }
}

/** Sessions of the own thread answer at once. */
function stopped(session: Session): Profiler.Profile | null {
  let profile: Profiler.Profile | null = null
  session.post('Profiler.stop', (_, answer) => {
    profile = answer?.profile ?? null
  })
  return profile
}

/** Where the user's code was most of the time; that of packages only when it was nowhere else. */
function mostSeen(profile: Profiler.Profile | null): Seen | null {
  const seen = (profile?.nodes ?? []).filter(({ callFrame: { url }, hitCount = 0 }) => isUsers(url) && hitCount > 0)
  const own = seen.filter(({ callFrame: { url } }) => !url.includes('/node_modules/'))
  const [most] = (own.length > 0 ? own : seen).toSorted((one, other) => other.hitCount! - one.hitCount!)
  return most === undefined ? null : seenIn(most)
}

function isUsers(url: string): boolean {
  const file = url.replace('file://', '')
  return file.startsWith('/') && !folders.some((folder) => file.startsWith(folder))
}

function seenIn({ callFrame: { scriptId, url, lineNumber }, positionTicks = [] }: Profiler.ProfileNode): Seen {
  const [most] = positionTicks.toSorted((one, other) => other.ticks - one.ticks)
  return { scriptId, file: url.replace('file://', ''), line: most?.line ?? lineNumber + 1 }
}

/** The source map that a script carries in itself; null when it has none. */
function mapIn(script: string, session: Session): SourceMap | null {
  let inline: string | undefined
  session.on('Debugger.scriptParsed', ({ params: { scriptId, sourceMapURL } }) => {
    if (scriptId === script) inline = /^data:application\/json[^,]*;base64,(.*)$/.exec(sourceMapURL ?? '')?.[1]
  })
  session.post('Debugger.enable')
  return inline === undefined ? null : new SourceMap(JSON.parse(Buffer.from(inline, 'base64').toString()))
}

function mapped({ file, line }: Seen, map: SourceMap | null): string | null {
  const entry = map?.findEntry(line - 1, endOfLine)
  if (entry === undefined || !('originalSource' in entry)) return null
  return `${resolve(dirname(file), entry.originalSource)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
}
