import { execFile } from 'node:child_process'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { entry } from '../../../harness/entry.ts'
import type { Sought } from './shrunk.ts'

/** A process for each defect, so that one has no part in what another one's code has been compiled to. */
export async function seek(scenario: string, defect: string, seeds: number): Promise<Sought[]> {
  const measure = new URL('./measure.js', import.meta.url).pathname
  const register = pathToFileURL(entry('harness/register')).href
  const args = ['--import', register, measure, scenario, defect, String(seeds)]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
  return JSON.parse(stdout.trim().split('\n').at(-1) as string) as Sought[]
}
