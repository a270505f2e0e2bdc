import type { ProbeTopic } from '../../probe.ts'
import type { CallEnd, CallRecord } from './recording-client.ts'
import type { ThreadRecord } from './thread-record.ts'

/** What the code of a thread did on a real worker, as it is sent to where the schedule is recorded. */
export type RecordNote =
  | { readonly client: string; readonly f: string; readonly input: unknown }
  | { readonly client: string; readonly place: number; readonly end: CallEnd }
  | { readonly topic: ProbeTopic; readonly message: object }

/** Sends on the calls that are recorded in a worker. */
export function noting(note: (note: RecordNote) => void): CallRecord {
  return {
    invoked: (_, client, f, input) => note({ client, f, input }),
    ended: (client, place, end) => note({ client, place, end }),
  }
}

/** Records what the code of a thread did on its worker. */
export function recordNote(record: ThreadRecord, thread: number, note: RecordNote): void {
  if ('topic' in note) record.probed(`t${thread}`, note.topic, note.message)
  else if ('f' in note) record.invoked(thread, note.client, note.f, note.input)
  else record.ended(note.client, note.place, note.end)
}
