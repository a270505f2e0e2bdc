import { existsSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { FileGate } from './file-gate.ts'
import { Refusal } from './refusal.ts'
import { replaceFile } from './replace-file.ts'

/** One kind of workflow: its title, and its phases in order. */
export const workflowSchema = z.object({
  title: z.string(),
  phases: z.array(z.string().regex(/^[\w-]+$/, 'a phase is named by letters, digits, - and _')).min(1),
})
export type Workflow = z.infer<typeof workflowSchema>

const metadataSchema = z.object({
  /** Counts the changes made through `update_metadata`. */
  revision: z.number().int(),
  workflows: z.record(z.string(), workflowSchema),
})
export type Metadata = z.infer<typeof metadataSchema>

/**
 * `metadata.json`: which workflows there are. It is read from disk on every load, so that an edit is live at once,
 * whoever made it and with whatever program; a cache would cost more in surprises than it saves.
 */
export class MetadataFile {
  protected readonly path: string
  protected readonly gate: FileGate

  constructor(path: string, gate: FileGate) {
    this.path = path
    this.gate = gate
  }

  /** Writes the first version, unless there is a file already. */
  async seed(template: string): Promise<void> {
    await this.gate.run(this.path, async () => {
      if (!existsSync(this.path)) await this.write(await readFile(template, 'utf8'))
    })
  }

  /**
   * What the file says now. Throws an Error that names the file and the field when it is malformed.
   *
   * It is read synchronously: a small local file takes a hundredth of a millisecond of the event loop, and the four
   * trips to the thread pool of an asynchronous read take ten times that.
   */
  async load(): Promise<Metadata> {
    const text = readFileSync(this.path, 'utf8')
    try {
      return metadataSchema.parse(JSON.parse(text))
    } catch (error) {
      const problem = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
      throw new Error(`${this.path} is malformed: ${problem}`)
    }
  }

  /** The workflow of that name. Throws a {@link Refusal} when there is none. */
  async workflow(name: string): Promise<Workflow> {
    const { workflows } = await this.load()
    const workflow = named(workflows, name)
    if (workflow) return workflow
    throw new Refusal(
      'unknown-workflow',
      `there is no workflow '${name}'; there are ${Object.keys(workflows).sort().join(', ')}`,
    )
  }

  /** Changes or adds a workflow: reads, changes and replaces under the file's lock, and returns what was written. */
  update(name: string, change: Partial<Workflow>): Promise<Metadata> {
    return this.gate.run(this.path, async () => {
      const before = await this.load()
      const workflow = changed(named(before.workflows, name), name, change)
      const after = { revision: before.revision + 1, workflows: { ...before.workflows, [name]: workflow } }
      await this.write(`${JSON.stringify(after, null, 2)}\n`)
      return after
    })
  }

  protected write(text: string): Promise<void> {
    return replaceFile(this.path, text)
  }
}

/** The workflow of that name, which may also be the name of something that every object has. */
function named(workflows: Metadata['workflows'], name: string): Workflow | undefined {
  return Object.hasOwn(workflows, name) ? workflows[name] : undefined
}

function changed(workflow: Workflow | undefined, name: string, change: Partial<Workflow>): Workflow {
  const { title = workflow?.title ?? name, phases = workflow?.phases } = change
  if (phases) return { title, phases }
  throw new Refusal('unknown-workflow', `there is no workflow '${name}' yet; give its phases to add it`)
}
