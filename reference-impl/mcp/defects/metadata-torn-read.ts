import { appendFile, writeFile } from 'node:fs/promises'
import { type Defect, defect } from 'raceproof'
import { MetadataFile } from '../metadata-file.ts'

/** metadata.json is rewritten where it lies, and whoever reads meanwhile sees half of it. */
export const metadataTornRead: Defect = defect(
  'metadata-torn-read',
  MetadataFile,
  {
    source: 'mcp-thread-safety-insights, FR-3',
    wrong: '`updateMetadata` writes in place instead of a temporary file and rename; a reader sees half',
    caughtBy: ['server-errors', 'freshness'],
    worlds: ['sim', 'live'],
    scenarios: ['metadata-edited-live', 'dual-transport-session'],
    race: true,
  },
  (Correct) =>
    class extends Correct {
      protected override async write(text: string): Promise<void> {
        // DEFECT: between the two halves, readers find the first
        const half = text.length >> 1
        await writeFile(this.path, text.slice(0, half))
        await appendFile(this.path, text.slice(half))
      }
    },
)
