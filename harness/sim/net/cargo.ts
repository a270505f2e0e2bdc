/** What one end of a connection sends to the other: the connection itself, bytes, a FIN, or an RST. */
export interface Cargo {
  readonly kind: 'handshake' | 'bytes' | 'end' | 'reset'
  /** What it carries; empty unless its kind is `bytes`. */
  readonly bytes: Uint8Array
  /** Puts it, or a part of its bytes, into the receiver's inbox. */
  arrive(bytes: Uint8Array): void
}

/** Cargo without bytes. */
export function signal(kind: Exclude<Cargo['kind'], 'bytes'>, arrive: () => void): Cargo {
  return { kind, bytes: noBytes, arrive }
}

const noBytes = new Uint8Array(0)
