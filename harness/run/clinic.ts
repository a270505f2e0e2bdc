import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { messageOf } from '../errors.ts'
import type { AnyTarget } from '../target.ts'
import { serveTarget } from './served-target.ts'

const collectTimeoutMs = 90_000
const visualizeTimeoutMs = 60_000

/** What became of a profile: a page beside the run, or a note that says why there is none. */
export type Profile = { page: string } | { note: string }

/**
 * Profiles a target with `clinic doctor` while `load` drives it at the URL it gets, and puts the page into `folder`.
 * Clinic is a guest: absent, failing or slow, it costs a note and never the run. It works in a fresh folder, because it
 * refuses to start where an earlier trace lies.
 */
export async function profile(
  target: AnyTarget,
  folder: string,
  load: (url: string) => Promise<void>,
): Promise<Profile> {
  const clinic = findClinic()
  if (clinic === undefined)
    return { note: 'No profile: the package clinic is not installed here (npm install --save-dev clinic).' }
  const workDir = await mkdtemp(join(tmpdir(), 'raceproof-clinic-'))
  try {
    await collect(clinic, target, workDir, load)
    return { page: await visualize(clinic, workDir, folder) }
  } catch (thrown) {
    return { note: `No profile: clinic doctor failed. ${messageOf(thrown)}` }
  } finally {
    await rm(workDir, { recursive: true, force: true })
  }
}

function findClinic(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('clinic/package.json')), 'bin.js')
  } catch {
    return undefined
  }
}

async function collect(
  clinic: string,
  target: AnyTarget,
  cwd: string,
  load: (url: string) => Promise<void>,
): Promise<void> {
  const under = [process.execPath, clinic, 'doctor', '--open=false', '--collect-only', '--']
  const served = await serveTarget(target, { under, cwd, timeoutMs: collectTimeoutMs })
  try {
    await load(served.url)
  } finally {
    await served.stop()
  }
}

async function visualize(clinic: string, cwd: string, folder: string): Promise<string> {
  const samples = join(cwd, '.clinic')
  const sample = (await readdir(samples)).find((name) => name.endsWith('.clinic-doctor'))
  if (sample === undefined) throw new Error('it left no samples')
  const args = [clinic, 'doctor', '--open=false', '--visualize-only', join(samples, sample)]
  await execa(process.execPath, args, { cwd, timeout: visualizeTimeoutMs, env: { NO_INSIGHT: '1' } })
  await mkdir(folder, { recursive: true })
  // Copied, since the temporary folder may be on another disk.
  await copyFile(`${join(samples, sample)}.html`, join(folder, 'clinic-doctor.html'))
  return 'clinic-doctor.html'
}
