import { type Call, model } from 'raceproof'

interface Revisions {
  /** Answers the revision that it has made. */
  edit(): number
  read(): number
}

/** The revision of the metadata, which counts the edits. */
export const revisionModel = model<Revisions, number>({
  name: 'metadata-revision',
  init: 0,
  readOnly: ({ f }) => f === 'read',
  apply: {
    edit: (revision) => [revision + 1, revision + 1],
    read: (revision) => [revision, revision],
  },
})

/** What a call means to the {@link revisionModel}: an edit that nobody was told of must not have been made. */
export function asRevision({ f, outcome }: Call): { f: string; input: null; output: number } | null {
  if (outcome.type !== 'ok' || (f !== 'updateMetadata' && f !== 'metadata')) return null
  const { revision } = outcome.output as { revision: number }
  return { f: f === 'metadata' ? 'read' : 'edit', input: null, output: revision }
}
