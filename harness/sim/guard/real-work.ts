import { AsyncResource, createHook } from 'node:async_hooks'
import { relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { framesIn } from '../../stack-place.ts'

/** A real asynchronous operation that was begun inside a schedule, where it cannot end. */
export interface RealWork {
  /** Node's name for it, such as `QUERYWRAP`. */
  readonly type: string
  /** Where it was started, such as `app.ts:12:5`; undefined when no code of the program was on the stack. */
  readonly place: string | undefined
}

/** What Node's types mean, as far as the code under test can start them. */
const meanings: readonly [types: RegExp, meaning: string][] = [
  [/^(FSEVENT|STATWATCHER)/, 'a real file watcher'],
  [/^(GETADDRINFO|GETNAMEINFO)/, 'a real address lookup'],
  [/^(QUERYWRAP|DNSCHANNEL)/, 'a real DNS query'],
  [/^(PBKDF2|SCRYPT|HKDF|ARGON2|DERIVEBITS|SIGN|VERIFY|HASH|CIPHER|KEY|RANDOM|CHECKPRIME)/, 'a real cryptographic job'],
  [/^WORKER/, 'a real worker thread'],
  [/^(TCP|UDP)/, 'a real socket'],
  [/^TLS/, 'a real TLS connection'],
  [/^HTTP2/, 'a real HTTP/2 session'],
  [/^SIGNAL/, 'a real signal listener'],
  [/^Timeout$/, 'a real timer'],
  [/^Immediate$/, 'a real immediate'],
]

/** Requests, handles and parsers that Node makes for what is simulated too; they end with that. */
const harmless =
  /^(PROMISE|TickObject|Microtask|(SHUTDOWN|WRITE|(TCP|PIPE)CONNECT)WRAP|(PIPE|PROCESS|TTY)WRAP|MESSAGEPORT|FSREQ|FILEHANDLE|DIRHANDLE|HTTP(INCOMING|CLIENT|SERVER)|ZLIB|BLOBREADER|INTERNAL)/

/** The jobs of `node:crypto`; other types are begun when they are made. */
const job = /REQUEST$/

const ownFolder = fileURLToPath(new URL('..', import.meta.url))

/**
 * Watches for real asynchronous operations, by an async hook. It is dear, so that it is only for the repetition of a schedule
 * that went wrong. The schedule is the same with it.
 */
export class RealWorkWatch {
  readonly #seen: { type: string; resource: object; stack: string }[] = []
  readonly #hook = createHook({
    init: (_id, type, _trigger, resource) => {
      if (harmless.test(type) || resource instanceof AsyncResource) return
      this.#seen.push({ type, resource, stack: stackNow() })
    },
  })

  start(): void {
    this.#hook.enable()
  }

  /** Ends the watch, and returns what was begun and is not over, each place once. */
  stop(): RealWork[] {
    this.#hook.disable()
    const found = this.#seen.filter(isOpen).map(({ type, stack }): RealWork => ({ type, place: startIn(stack) }))
    return found.filter(({ type, place }, at) => found.findIndex((o) => o.type === type && o.place === place) === at)
  }
}

/** `a real DNS query (QUERYWRAP) was started at app.ts:12:5, and cannot end in the simulated world`, and what to do. */
export function describeWork({ type, place }: RealWork): string {
  const meaning = meanings.find(([types]) => types.test(type))?.[1] ?? 'a real operation, perhaps of a native addon,'
  const where = place === undefined ? '' : ` at ${place}`
  return `${meaning} (${type}) was started${where}, and cannot end in the simulated world${adviceFor(type)}`
}

/** Timers, immediates and sockets are always simulated, so who starts a real one has kept the builtin from before. */
function adviceFor(type: string): string {
  if (!/^(Timeout|Immediate|TCPWRAP|TCPSERVERWRAP)$/.test(type)) return ''
  return "; that code took the builtin before the patches were there: import 'raceproof/register' before it"
}

function isOpen({ type, resource, stack }: { type: string; resource: object; stack: string }): boolean {
  if (type === 'Timeout' || type === 'Immediate')
    return !(resource as { _destroyed?: boolean })._destroyed && !isNodesOwn(stack)
  // A job without a callback was done at once.
  return !job.test(type) || (resource as { ondone?: unknown }).ondone !== undefined
}

/** Node has timers for itself (the clock of the Date header, among others), on which nobody waits. */
function isNodesOwn(stack: string): boolean {
  const callers = stack.split('\n').filter((line) => line.startsWith('    at ') && !line.includes(ownFolder))
  const caller = callers.find((line) => !/\(?node:(internal\/)?(async_hooks|timers)/.test(line))
  return caller === undefined || /\(?node:/.test(caller)
}

function stackNow(): string {
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 50
  const { stack } = new Error()
  Error.stackTraceLimit = stackTraceLimit
  return stack ?? ''
}

/** The innermost frame that is not Node's or ours and, when that is a package's, the program's frame that called it. */
function startIn(stack: string): string | undefined {
  const frames = framesIn(stack).filter(({ file }) => !file.startsWith(ownFolder))
  const caller = frames.find(({ file }) => !file.includes(`${sep}node_modules${sep}`))
  const places = [frames[0], ...(caller === frames[0] ? [] : [caller])].filter((place) => place !== undefined)
  if (places.length === 0) return undefined
  return places
    .map(({ file, line, column }) => `${relative(process.cwd(), file)}:${line}:${column}`)
    .join(', called from ')
}
