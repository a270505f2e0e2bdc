import { z } from 'zod'
import { workflowSchema } from './metadata-file.ts'
import type { SubAgentRunner } from './sub-agent-runner.ts'
import type { WorkflowEngine } from './workflow-engine.ts'

/** Who calls a tool, and how the call is given up. */
export interface ToolCall {
  /** The client's `Mcp-Session-Id`, or `stdio`. */
  client: string
  signal: AbortSignal
}

/** One tool: what it is called with, and what it does. */
export interface Tool<Input extends z.ZodObject = z.ZodObject> {
  name: string
  description: string
  readOnly: boolean
  input: Input
  run(input: z.infer<Input>, call: ToolCall): Promise<object>
}

// A session id is also the name of a file.
const sessionId = z.string().regex(/^[\w.-]{1,100}$/, 'expected 1 to 100 letters, digits, dots, - or _')
const workflow = z.string().regex(/^[a-zA-Z][\w-]{0,59}$/, 'expected a letter, then up to 59 letters, digits, - or _')
const query = z.string().min(1).max(200)
/** Echoed in the answer, so that a client can tell that an answer is its own. */
const marker = z.string().max(200).optional()

/** What the tools are called with. Made once for all servers: a schema is compiled when it is first used. */
const inputs = {
  start_workflow: z.object({ sessionId, workflow, marker }),
  get_session: z.object({ sessionId, marker }),
  advance_workflow: z.object({ sessionId, marker }),
  search: z.object({ query, marker }),
  load_checkpoint: z.object({ workflow, phase: z.string().max(60), marker }),
  get_metadata: z.object({ marker }),
  update_metadata: z.object({ workflow, ...workflowSchema.partial().shape, marker }),
  clear_session_cache: z.object({ marker }),
  cache_metrics: z.object({ reset: z.boolean().default(false), marker }),
  run_subagent: z.object({ sessionId, query, advance: z.boolean().default(false), marker }),
}

/** All tools of the server, over its one engine. */
export function toolsOf(engine: WorkflowEngine, subAgents: SubAgentRunner): Tool[] {
  return [...sessionTools(engine), ...knowledgeTools(engine), ...maintenanceTools(engine), subAgentTool(subAgents)]
}

function sessionTools(engine: WorkflowEngine): Tool[] {
  return [
    tool({
      name: 'start_workflow',
      description: 'Starts a workflow session under an id of your choice, or joins the one of that id.',
      readOnly: false,
      input: inputs.start_workflow,
      run: (input, { client }) => engine.startWorkflow(input.sessionId, input.workflow, client),
    }),
    tool({
      name: 'get_session',
      description: 'Shows the phase and the status of a workflow session.',
      readOnly: true,
      input: inputs.get_session,
      run: (input, { client }) => engine.readSession(input.sessionId, client),
    }),
    tool({
      name: 'advance_workflow',
      description: 'Passes the current phase of a workflow session.',
      readOnly: false,
      input: inputs.advance_workflow,
      run: (input, { client }) => engine.advance(input.sessionId, client),
    }),
  ]
}

function knowledgeTools(engine: WorkflowEngine): Tool[] {
  return [
    tool({
      name: 'search',
      description: 'Searches the bundled documents about concurrency.',
      readOnly: true,
      input: inputs.search,
      run: async (input) => ({ query: input.query, hits: await engine.search(input.query) }),
    }),
    tool({
      name: 'load_checkpoint',
      description: 'Shows what is required to leave a phase of a workflow.',
      readOnly: true,
      input: inputs.load_checkpoint,
      run: (input) => engine.loadCheckpoint(input.workflow, input.phase),
    }),
    tool({
      name: 'get_metadata',
      description: 'Shows the workflows there are, as metadata.json says at this moment.',
      readOnly: true,
      input: inputs.get_metadata,
      run: () => engine.metadata(),
    }),
    tool({
      name: 'update_metadata',
      description: "Changes a workflow's title or phases in metadata.json, or adds a workflow.",
      readOnly: false,
      input: inputs.update_metadata,
      run: ({ workflow: name, marker: _, ...change }) => engine.updateMetadata(name, change),
    }),
  ]
}

function maintenanceTools(engine: WorkflowEngine): Tool[] {
  return [
    tool({
      name: 'clear_session_cache',
      description: 'Drops all workflow sessions from memory; their state stays on disk.',
      readOnly: false,
      input: inputs.clear_session_cache,
      run: async () => ({ cleared: engine.clearSessionCache() }),
    }),
    tool({
      name: 'cache_metrics',
      description: 'Shows hits, misses, double loads, avoided loads and lock waits of each cache, and may reset them.',
      readOnly: false,
      input: inputs.cache_metrics,
      run: async (input) => ({ caches: await engine.cacheMetrics(input.reset) }),
    }),
  ]
}

function subAgentTool(subAgents: SubAgentRunner): Tool {
  return tool({
    name: 'run_subagent',
    description: 'Runs a sub-agent that calls back over HTTP, on the same session, while this call is open.',
    readOnly: false,
    input: inputs.run_subagent,
    run: async (input, { client, signal }) => {
      const { session, report } = await subAgents.run(input, client, signal)
      return { ...session, report }
    },
  })
}

/** Exists for its types: inside, a tool's input has the type of its schema. */
function tool<Input extends z.ZodObject>(definition: Tool<Input>): Tool {
  return definition as unknown as Tool
}
