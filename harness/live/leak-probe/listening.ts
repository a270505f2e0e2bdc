import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** The TCP ports at which a process listens, from /proc; none where there is no /proc or the process is another user's. */
export function listeningPorts(pid: number): number[] {
  const inodes = socketInodes(pid)
  return ['/proc/net/tcp', '/proc/net/tcp6']
    .flatMap(readTable)
    .flatMap(({ port, inode }) => (inodes.has(inode) ? [port] : []))
}

function socketInodes(pid: number): Set<string> {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => linkOf(`/proc/${pid}/fd/${fd}`))
    return new Set(links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? []))
  } catch {
    return new Set()
  }
}

/** What a link points to. It may be gone since the folder was read. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** The listening sockets of the machine. The state 0A is LISTEN; the port is in hexadecimal after the last colon. */
function readTable(path: string): { port: number; inode: string }[] {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return []
  }
  return text.split('\n').flatMap((line) => {
    const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
    return state === '0A' ? [{ port: Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16), inode }] : []
  })
}
