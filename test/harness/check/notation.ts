import type { AuditEvent, HistoryEvent, ObserveEvent, ProbeEvent } from '../../../harness/history/event.ts'

/**
 * Histories as text, one event a line, so that a test shows what happened and not how it is written down. Each event
 * comes a millisecond after the one before, unless the line begins with its time.
 *
 *     @250 phase audit 1                              step steady begin 1        fault start reset c0
 *     c0 invoke create {"id":"p"}                     c0 ok {"id":"p"}           c0 fail 409 taken
 *     c0 info connection reset                        c0 abandoned
 *     c0/1 subscribe plan-1 after 3 via ws            c0/1 event 4 log "a"       c0/1 events 5-9 log
 *     c0/1 gap 2 5                                    c0/1 end complete          c0/1 end lost ECONNRESET
 *     t1 lock acquired sessions#s1 key=a owner=o1 wait=2     t1 lock released sessions#s1 key=a owner=o1 hold=3
 *     t1 lock acquired file#/data/a.lock shared=yes owner=o1
 *     t1 cache load sessions a                        t1 transition plan p1 null accepted
 *     t1 resource open session s1
 *     t1 error cleanup: stream is gone                target t1 exited unexpected code 1
 *     audit 1 descriptors=20 resource:stream=1 | stream p-1#1 | process 7 sleep | blind: timers: no Node process
 *     audit 1 sockets=0 | exact                         phase boot virtual
 *     audit 1 descriptors=9 | 3 on /srv/app.db
 *
 * Data is JSON, or else a plain word. `events 5-9 log` delivers five events whose data is their id.
 */
export function history(text: string): HistoryEvent[] {
  const writer = new Writer()
  for (const line of text.split('\n').map((raw) => raw.trim())) if (line !== '') writer.write(line)
  return writer.events
}

class Writer {
  readonly events: HistoryEvent[] = []
  readonly #open = new Map<string, { call: number; f: string }>()
  readonly #streams = new Map<string, string>()
  #calls = 0
  #timeMs = -1

  write(line: string): void {
    const [, time, subject = '', verb = '', rest = ''] = /^(?:@(\S+) )?(\S+)(?: (\S+)(?: (.*))?)?$/.exec(line) ?? []
    this.#timeMs = time === undefined ? this.#timeMs + 1 : Number(time)
    const events = this.#read(subject, verb, rest)
    if (events === undefined) throw new SyntaxError(`not a line of the notation: ${line}`)
    this.events.push(...events)
  }

  #read(subject: string, verb: string, rest: string): HistoryEvent[] | undefined {
    if (subject === 'phase') return [this.#phase(verb as 'audit', rest)]
    if (subject === 'step') return [this.#step(verb, rest)]
    if (subject === 'fault') return [this.#fault(verb, rest)]
    if (subject === 'audit') return [this.#audit(Number(verb), rest)]
    if (subject === 'target') return [this.#target(verb, rest)]
    if (['lock', 'cache', 'resource', 'transition', 'error'].includes(verb)) return [this.#probe(subject, verb, rest)]
    if (subject.includes('/')) return this.#observe(subject, verb, rest)
    return this.#call(subject, verb, rest)
  }

  #step(name: string, rest: string): HistoryEvent {
    const [action, round = '1'] = rest.split(' ')
    return { type: 'step', timeMs: this.#timeMs, name, action: action as 'begin', round: Number(round) }
  }

  #fault(action: string, rest: string): HistoryEvent {
    const words = rest.split(' ')
    const scope = words.pop() as string
    return { type: 'fault', timeMs: this.#timeMs, fault: words.join(' '), action: action as 'start', scope }
  }

  #phase(phase: 'audit', rest: string): HistoryEvent {
    const event = { type: 'phase', timeMs: this.#timeMs, phase } as const
    return rest === 'virtual' ? { ...event, round: 0, virtual: true } : { ...event, round: Number(rest || 1) }
  }

  #audit(round: number, rest: string): HistoryEvent {
    const [counts = '', ...notes] = rest.split(' | ')
    const audit: AuditEvent = { type: 'audit', timeMs: this.#timeMs, round, counts: {}, blind: [], items: [] }
    for (const [kind, count] of fields(counts)) audit.counts[kind] = Number(count)
    for (const note of notes) {
      if (note.startsWith('blind: ')) audit.blind.push(note.slice('blind: '.length))
      else if (note === 'exact') audit.exact = true
      else if (/^\d+ on /.test(note)) audit.descriptors = { ...audit.descriptors, ...openOn(note) }
      else audit.items.push(note)
    }
    return audit
  }

  #target(process: string, rest: string): HistoryEvent {
    const [event, ...words] = rest.split(' ')
    const target = { type: 'target', timeMs: this.#timeMs, event: event as 'exited', process } as const
    if (words[0] !== 'expected' && words[0] !== 'unexpected') return { ...target, detail: words.join(' ') }
    return { ...target, detail: words.slice(1).join(' '), expected: words[0] === 'expected' }
  }

  #probe(process: string, topic: string, rest: string): HistoryEvent {
    return {
      type: 'probe',
      timeMs: this.#timeMs,
      process,
      topic: topic as ProbeEvent['topic'],
      value: probe(topic, rest),
    }
  }

  #observe(subscriber: string, verb: string, rest: string): HistoryEvent[] | undefined {
    const words = rest.split(' ')
    if (verb === 'subscribe') this.#streams.set(subscriber, words[0] as string)
    const who = {
      type: 'observe',
      timeMs: this.#timeMs,
      client: subscriber.split('/')[0] as string,
      subscriber,
      stream: this.#streams.get(subscriber) ?? '',
    } as const
    if (verb === 'events') return deliveries(words).map((event) => ({ ...who, ...event }))
    const seen = observation(verb, words)
    return seen && [{ ...who, ...seen } as ObserveEvent]
  }

  #call(client: string, verb: string, rest: string): HistoryEvent[] | undefined {
    const timeMs = this.#timeMs
    if (verb === 'invoke') {
      const [, f = '', input = ''] = /^(\S+) ?(.*)$/.exec(rest) ?? []
      const call = this.#calls++
      this.#open.set(client, { call, f })
      return [{ type: 'invoke', timeMs, client, call, f, input: json(input) }]
    }
    const open = this.#open.get(client)
    if (open === undefined) return undefined
    this.#open.delete(client)
    const who = { timeMs, client, ...open }
    if (verb === 'ok') return [{ type: 'ok', ...who, output: json(rest) }]
    if (verb === 'abandoned') return [{ type: 'info', ...who, error: 'still open', abandoned: true }]
    const [, status, error] = /^(-?\d+)? ?(.*)$/.exec(rest) ?? []
    if (verb !== 'fail' && verb !== 'info') return undefined
    return [{ type: verb, ...who, error, ...(status === undefined ? {} : { status: Number(status) }) }]
  }
}

function observation(verb: string, words: string[]): object | undefined {
  const named = (word: string) => (words.includes(word) ? words[words.indexOf(word) + 1] : undefined)
  if (verb === 'subscribe') return { f: 'subscribe', after: Number(named('after') ?? 0), via: named('via') ?? 'sse' }
  if (verb === 'gap') return { f: 'gap', from: Number(words[0]), to: Number(words[1]) }
  if (verb === 'end') {
    const detail = words.slice(1).join(' ')
    return { f: 'end', reason: words[0], ...(detail === '' ? {} : { detail }) }
  }
  const [id, kind, ...data] = words
  return verb === 'event' ? { f: 'event', id: Number(id), kind, data: json(data.join(' ')) } : undefined
}

function deliveries([range = '', kind = '']: string[]) {
  const [from = 0, to = 0] = range.split('-').map(Number)
  return Array.from(
    { length: to - from + 1 },
    (_, place) => ({ f: 'event', id: from + place, kind, data: from + place }) as const,
  )
}

function probe(topic: string, rest: string): Record<string, unknown> {
  const [first = '', second = '', ...words] = rest.split(' ')
  if (topic === 'cache')
    return { event: first, cache: second, key: words[0], ...Object.fromEntries(fields(words.slice(1).join(' '))) }
  if (topic === 'resource') return { event: first, resource: second, id: words[0] }
  if (topic === 'transition') return { machine: first, id: second, from: json(words[0] ?? ''), to: words[1] }
  if (topic === 'error') {
    const [where, ...message] = rest.split(': ')
    return { where, message: message.join(': ') }
  }
  const [lock, id] = second.split('#')
  const { wait, hold, queue, shared, ...names } = Object.fromEntries(fields(words.join(' ')))
  const figures = { waitMs: wait, holdMs: hold, queue }
  const given = Object.entries(figures).filter(([, figure]) => figure !== undefined)
  return {
    event: first,
    lock,
    id,
    ...(shared === undefined ? {} : { shared: shared === 'yes' }),
    ...names,
    ...Object.fromEntries(given.map(([name, figure]) => [name, Number(figure)])),
  }
}

function fields(text: string): [string, string][] {
  const words = text.split(' ').filter((word) => word.includes('='))
  return words.map((word) => word.split('=') as [string, string])
}

function json(text: string): unknown {
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

/** `3 on /srv/app.db` */
function openOn(note: string): Record<string, number> {
  const [count, ...thing] = note.split(' on ')
  return { [thing.join(' on ')]: Number(count) }
}
