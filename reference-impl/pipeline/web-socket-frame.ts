/** What a client may say on a WebSocket, or what is wrong with what it said. */
export type ClientFrame =
  | { type: 'resume'; after: number }
  | { type: 'ack'; id: number }
  | { type: 'stop' }
  | { type: 'malformed'; message: string }

/** Reads a client's frame. Event ids in it must be those of events up to `lastId`. */
export function parseClientFrame(text: string, lastId: number): ClientFrame {
  const frame = parsed(text)
  if (frame === undefined) return malformed(`a frame must be a JSON object, got ${quoted(text)}`)
  if (frame.type === 'stop') return { type: 'stop' }
  if (frame.type === 'resume') return withEventId(frame.after, lastId, 'after', (after) => ({ type: 'resume', after }))
  if (frame.type === 'ack') return withEventId(frame.id, lastId, 'id', (id) => ({ type: 'ack', id }))
  return malformed(`the type of a frame must be resume, ack or stop, got ${quoted(String(frame.type))}`)
}

function withEventId(
  value: unknown,
  lastId: number,
  field: string,
  make: (eventId: number) => ClientFrame,
): ClientFrame {
  if (Number.isInteger(value) && (value as number) >= 0 && (value as number) <= lastId) return make(value as number)
  return malformed(`'${field}' must be a whole number from 0 to ${lastId}, got ${quoted(JSON.stringify(value) ?? '')}`)
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function malformed(message: string): ClientFrame {
  return { type: 'malformed', message }
}

function quoted(text: string): string {
  return `'${text.slice(0, 80)}'`
}
