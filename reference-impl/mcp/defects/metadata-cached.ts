import { type Defect, defect } from 'raceproof'
import type { Metadata } from '../metadata-file.ts'
import { MetadataFile } from '../metadata-file.ts'

/** What metadata.json said first is what it says for ever. */
export const metadataCached: Defect = defect(
  'metadata-cached',
  MetadataFile,
  {
    source: 'mcp-thread-safety-insights, FR-3 and story 3',
    wrong: 'metadata.json is cached: edits are invisible until a restart',
    caughtBy: ['freshness'],
    worlds: ['sim', 'live'],
    scenarios: ['metadata-edited-live'],
  },
  (Correct) =>
    class extends Correct {
      #known: Metadata | undefined

      override async load(): Promise<Metadata> {
        this.#known ??= await super.load() // DEFECT: the file may have been edited since
        return this.#known
      }
    },
)
