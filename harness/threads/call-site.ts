/** This folder, and where its sources lie: stacks name those when Node follows source maps. */
const folders = [import.meta.dirname, import.meta.dirname.replace('/dist/harness/', '/harness/')].map(
  (path) => `${path}/`,
)

/** The innermost place in code outside of this folder, as file:line:column. */
export function callSite(): string | null {
  const { stack = '' } = new Error()
  const frames = stack.split('\n').slice(1)
  const outside = frames.find((frame) => !folders.some((folder) => frame.includes(folder)) && !frame.includes('node:'))
  return /\(?((?:file:\/\/)?\/[^()]+:\d+:\d+)\)?$/.exec(outside ?? '')?.[1]?.replace('file://', '') ?? null
}
