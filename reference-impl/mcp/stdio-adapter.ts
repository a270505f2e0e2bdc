import type { Readable, Writable } from 'node:stream'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { reportFault } from './report-fault.ts'
import type { ToolBox } from './tool-box.ts'

/** The stdio transport: one client for as long as the process's standard input is open. */
export class StdioAdapter {
  /** Resolves when the client has closed its end, or the adapter is closed. */
  readonly ended: Promise<void>
  readonly #transport: StdioServerTransport
  readonly #toolBox: ToolBox
  #end: () => void = () => {}

  constructor(toolBox: ToolBox, stdin: Readable, stdout: Writable) {
    this.#toolBox = toolBox
    this.#transport = new StdioServerTransport(stdin, stdout)
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Starts to serve. */
  async open(): Promise<void> {
    const server = this.#toolBox.makeServer()
    server.server.onclose = this.#end
    await server.connect(this.#transport)
  }

  /** Ends it at once: the SDK waits for nothing. */
  close(): void {
    this.#transport.close().catch((error: unknown) => reportFault('stdio', error))
  }
}
