/**
 * Serves a target alone, without the harness: for tools that bring a process of their own, such as profilers. Prints
 * `{"url": …}` as the first line on standard output, and stops on SIGINT or when its standard input ends, so that it
 * never outlives who started it. Arguments: the module's URL, the target's name, a folder for its data.
 */
import { loadTarget } from './load-target.ts'

const [module, name, dataDir] = process.argv.slice(2) as [string, string, string]
const target = await loadTarget(module, name)
const { parts, config } = target
const running = await target.start({
  parts,
  config,
  host: '127.0.0.1',
  port: 0,
  dataDir,
  stdin: process.stdin,
  stdout: process.stdout,
})
process.stdout.write(`${JSON.stringify({ url: running.url })}\n`)

const stop = async () => {
  await running.stop()
  process.exit(0)
}
process.once('SIGINT', stop)
process.stdin.resume().once('end', stop)
