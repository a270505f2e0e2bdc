import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { HarnessError, messageOf } from '../harness/errors.ts'
import { htmlReport } from './html/page.ts'
import { junitReport } from './junit.ts'
import { markdownReport } from './markdown.ts'
import { readRun, type SavedRun } from './saved-run.ts'
import { textReport } from './text.ts'

/** A run that was read back from its folder, and the reports that were written into it. */
export interface Rendered {
  saved: SavedRun
  files: { html: string; markdown: string; junit: string; text: string }
}

/**
 * Renders every report of a run into its folder, from what lies there. Throws `ERR_RECORD_INVALID` when the run cannot
 * be read, and `ERR_OUTPUT` when a report cannot be written.
 */
export async function renderReports(folder: string): Promise<Rendered> {
  const saved = await readRun(folder)
  const files = {
    html: join(folder, 'index.html'),
    markdown: join(folder, 'summary.md'),
    junit: join(folder, 'junit.xml'),
    text: join(folder, 'report.txt'),
  }
  await write(files.html, htmlReport(saved))
  await write(files.markdown, markdownReport(saved))
  await write(files.junit, junitReport(saved))
  await write(files.text, textReport(saved))
  return { saved, files }
}

async function write(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw new HarnessError('ERR_OUTPUT', `cannot write the report ${path}: ${messageOf(error)}`, { cause: error })
  })
}
