import { inQuotes, shortened } from './shortened.ts'

/** A step of a schedule, as the trace has it. */
export interface TracedStep {
  /** Its place among the steps, from 0. */
  step: number
  timeMs: number
  /** The key of its event, such as `c4:c0→server/1`. */
  key: string
  label: string
  /** The process in which it happened. */
  node: string
}

/** What happens in a step: in words, and whether a reader wants to know of it unless it was held back. */
export interface StepInWords {
  what: string
  matters: boolean
}

interface Wording {
  lane: RegExp
  /** Null for a label of another wording. */
  words(lane: RegExpExecArray, label: string): string | null
  /** Whether it matters; true when left out. */
  matters?: boolean
}

/** By the form of the lane's key; the first that fits tells. */
const wordings: readonly Wording[] = [
  { lane: /^start$/, words: () => 'the function begins', matters: false },
  { lane: /^script→(.+?)(?:-\d+)?$/, words: ([, who], label) => order(who as string, label), matters: false },
  { lane: /^start (.+)#1$/, words: ([, name]) => `process ${name} starts` },
  { lane: /^start (.+)#\d+$/, words: ([, name]) => `${name} begins another function`, matters: false },
  { lane: /^(.+)→.+#\d+$/, words: ([, name], label) => reported(name as string, label), matters: false },
  { lane: /^c\d+:(.+?)→(.+)$/, words: ([, from], label) => arrival(from as string, label) },
  { lane: /^c\d+:(.+?)←(.+)$/, words: ([, , from], label) => arrival(from as string, label) },
  { lane: /^(c\d+)'?:(.+) RST$/, words: ([, id]) => `connection ${id} is reset by its peer` },
  { lane: /^c\d+'?:\S+$/, words: (_, label) => `cannot connect: ${label}` },
  { lane: / own$/, words: () => null, matters: false },
  { lane: / wire#\d+$/, words: (_, label) => `the link lets data pass (${label})`, matters: false },
  { lane: /^(.+)\.(stdout|stderr|stdin)(?:#\d+)?$/, words: ([, who, pipe], label) => piped(`${who}'s ${pipe}`, label) },
  { lane: /^(.+)\.start$/, words: ([, who], label) => `${who} starts: ${shortened(label)}` },
  { lane: /^(.+)\.exit$/, words: ([, who], label) => ended(who as string, label) },
  { lane: /^signals:(.+)$/, words: ([, who], label) => `${who} gets ${label}` },
  { lane: /^fault#\d+/, words: (_, label) => faulty(label) },
  { lane: /^timer:.+?:(\d+)$/, words: ([, ms]) => `timer ${ms} ms fires` },
  { lane: /^immediates:/, words: () => 'immediate runs', matters: false },
  {
    lane: /^close:/,
    words: (_, label) => label.replace(/^close (c\d+)'?$/, 'connection $1 is closed'),
    matters: false,
  },
  { lane: /^(port#\d+)$/, words: ([, port], label) => `${label} at ${port}`, matters: false },
  { lane: /^atomics/, words: (_, label) => label, matters: false },
  { lane: /^watch/, words: (_, label) => `watcher hears: ${label}` },
  { lane: /^[a-z]+#\d+$/, words: (_, label) => `${withoutBytes(shortened(label))} completes` },
]

/** Tells a step in the words of somebody who knows the program and not the harness. */
export function stepInWords({ key, label }: Pick<TracedStep, 'key' | 'label'>): StepInWords {
  const lane = key.slice(0, key.lastIndexOf('/'))
  for (const wording of wordings) {
    const found = wording.lane.exec(lane)
    const what = found && wording.words(found, label)
    if (typeof what === 'string') return { what, matters: (wording.matters ?? true) && !isHandshake(label) }
  }
  return { what: `${shortened(label)} (${shortened(lane)})`, matters: false }
}

/** That connections come about is seldom news. */
function isHandshake(label: string): boolean {
  return label === 'accept' || label === 'connect'
}

function order(who: string, label: string): string {
  const [, process] = /^server(\d*)$/.exec(who) ?? []
  if (process === undefined) return `begins ${label}`
  return `${process === '' ? 'the target' : `process ${process} of the target`} is told to ${label}`
}

/** How the function that a process was given came to its end. */
function reported(name: string, label: string): string {
  if (label.endsWith(' ended')) return `hears that the function of ${name} has returned`
  return label.endsWith(' failed') ? `hears that the function of ${name} has thrown` : `hears that ${name} is gone`
}

function arrival(from: string, label: string): string {
  if (label === 'accept') return `the connection of ${from} is accepted`
  if (label === 'connect') return `is connected to ${from}`
  if (label === 'FIN') return `${from}'s FIN arrives`
  const { text, bytes } = carried(label)
  const request = requestOf(text)
  if (request !== null) return `${request} from ${from} arrives`
  const [, status] = /^HTTP\/1\.1 (\d{3}.*)$/.exec(text) ?? []
  return status === undefined ? body(text, bytes, from) : `answer ${status} of ${from} arrives`
}

/** The method and path of a request; null for other text. Of a line that is too long for the trace only its beginning is there. */
function requestOf(text: string): string | null {
  const [, method, path] = /^([A-Z]+) (\S+) HTTP\/1\.1$/.exec(text) ?? /^([A-Z]+) (\/\S*) [HTP/1.]+$/.exec(text) ?? []
  if (method !== undefined) return `${method} ${shortened(path as string)}`
  return /^[A-Z]+ \/\S*$/.test(text) ? `${shortened(text)}…` : null
}

/** What is neither the head of a request nor of an answer: often a chunk, which begins with its length. */
function body(text: string, bytes: string, from: string): string {
  if (text === '0') return `the end of ${from}'s answer arrives`
  if (/^[0-9a-f]{1,6}$/.test(text)) return `a chunk from ${from} arrives (${bytes})`
  return `${bytes} from ${from} arrive${isReadable(text) ? `: ${inQuotes(text)}` : ''}`
}

/** Dots stand for bytes that are no text. */
function isReadable(text: string): boolean {
  const dots = text.split('·').length - 1
  return text.length > 0 && dots * 4 <= text.length
}

function piped(pipe: string, label: string): string {
  if (label === 'end') return `${pipe} ends`
  if (label === 'data' || label === 'line') return `more of ${pipe}`
  return `${pipe}: ${inQuotes(carried(label).text)}`
}

function ended(who: string, label: string): string {
  const [, code] = /^exit (\d+)$/.exec(label) ?? []
  return code === undefined ? `${who} is ended by ${label}` : `${who} has exited with code ${code}`
}

function faulty(label: string): string {
  return label.replace(/^start: /, 'fault begins: ').replace(/^heal: /, 'fault is healed: ')
}

/** The bytes that an event carries, as far as the trace shows them: `data "GET / HTTP/1.1" 106 B`. */
function carried(label: string): { text: string; bytes: string } {
  const [, quoted, bytes] = /^\w+ (".*") (\d+ B)$/.exec(label) ?? []
  if (quoted === undefined) return { text: '', bytes: label }
  return { text: JSON.parse(quoted) as string, bytes: bytes as string }
}

function withoutBytes(label: string): string {
  return label.replace(/ ".*" \d+ B$/, '')
}
