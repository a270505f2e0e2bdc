import net from 'node:net'
import { HarnessError } from '../../errors.ts'
import { active } from '../active.ts'
import { PipeHandle, SocketHandle } from '../net/socket-handle.ts'
import { nativeTcp } from '../node-internals.ts'
import { refuseUse } from '../refuse.ts'

/** What a net.Socket looks like inside. */
interface SocketInside {
  _handle: object | null
  _peername: object | null
  _sockname: object | null
  _parent: net.Socket | null
  destroyed: boolean
  _undestroy(): void
  [key: symbol]: unknown
}

/** What the constructor of net.Socket does to a handle; learnt from one sample. */
interface Attachment {
  readonly ownerSymbol: symbol
  readonly asyncIdSymbol: symbol
  readonly onread: unknown
}

/**
 * `net.Socket.prototype.connect`, and with it `net.connect`, `new net.Socket().connect()`, `http.request` and all that
 * stands on them: inside a schedule the socket gets a simulated handle before Node's own code looks for a native one.
 */
export function patchNetSocket(): void {
  const attachment = learnAttachment()
  const { connect } = net.Socket.prototype
  net.Socket.prototype.connect = function (this: net.Socket, ...args: unknown[]) {
    if (active.current !== undefined) provide(this as never, args, attachment)
    return connect.apply(this, args as never)
  } as typeof connect
  refuseNativeHandles()
}

function provide(socket: SocketInside, args: readonly unknown[], attachment: Attachment): void {
  // A socket that wraps one that still connects only waits for it.
  if (socket._parent?.connecting) return
  if (socket.destroyed) {
    socket._handle = null
    socket._peername = null
  }
  if (socket._handle !== null) return
  const { network } = active.current as NonNullable<typeof active.current>
  attach(socket, isPath(args) ? network.pipeHandle() : network.tcpHandle(), attachment)
}

function attach(socket: SocketInside, handle: SocketHandle, { ownerSymbol, asyncIdSymbol, onread }: Attachment): void {
  socket._handle = handle
  socket._undestroy()
  socket._sockname = null
  ;(handle as unknown as Record<symbol, unknown>)[ownerSymbol] = socket
  handle.onread = onread as SocketHandle['onread']
  socket[asyncIdSymbol] = handle.getAsyncId()
}

function learnAttachment(): Attachment {
  const handle: { onread?: unknown; getAsyncId(): number; readStart(): number } = {
    getAsyncId: () => 0,
    readStart: () => 0,
  }
  const socket = new net.Socket({ handle, manualStart: true } as net.SocketConstructorOpts)
  return {
    ownerSymbol: symbolOf(handle, 'owner_symbol'),
    asyncIdSymbol: symbolOf(socket, 'async_id_symbol'),
    onread: handle.onread,
  }
}

/** A property of Node's own objects whose key is a private symbol. */
export function symbolOf(object: object, description: string): symbol {
  const found = Object.getOwnPropertySymbols(object).find((symbol) => symbol.description === description)
  if (found !== undefined) return found
  throw new HarnessError(
    'ERR_WORLD_UNSUPPORTED',
    `Node ${process.version} keeps no ${description} where Node 20, 22 and 24 do; the simulated world needs one of those`,
  )
}

/** Whether the arguments of `connect` name a path rather than a port, in any of the forms that Node takes. */
function isPath(args: readonly unknown[]): boolean {
  const first = Array.isArray(args[0]) ? args[0][0] : args[0]
  if (typeof first === 'object' && first !== null) return Boolean((first as { path?: unknown }).path)
  return typeof first === 'string' && !(Number(first) >= 0)
}

/**
 * Node asks `instanceof TCP` before it resets a connection; our handles are. And a native handle that is put to use in a
 * schedule would reach the real network, so it is refused.
 */
function refuseNativeHandles(): void {
  const tcp = nativeTcp()
  Object.defineProperty(tcp, Symbol.hasInstance, {
    value: (candidate: unknown) =>
      (candidate instanceof SocketHandle && !(candidate instanceof PipeHandle)) ||
      Function.prototype[Symbol.hasInstance].call(tcp, candidate),
  })
  for (const name of ['connect', 'connect6', 'listen', 'open'] as const) {
    const prototype = tcp.prototype as Record<string, (...args: unknown[]) => unknown>
    const native = prototype[name] as (...args: unknown[]) => unknown
    prototype[name] = function (this: unknown, ...args: unknown[]) {
      if (active.current === undefined) return native.apply(this, args)
      return refuseUse(active.current, `a native TCP handle's ${name}`, 'nativeSockets')
    }
  }
}
