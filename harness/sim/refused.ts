/** Something that the simulated world has not got. The table in this folder's README is made from these. */
export interface Refused {
  /** What it is, as a reader of the table would look for it. */
  readonly name: string
  /** Why it cannot be simulated. */
  readonly reason: string
  /** What to do. */
  readonly instead: string
}

const live = 'test it in the live world'

/** Everything that is refused by name inside a schedule. */
export const refused = {
  tls: {
    name: '`node:tls`, `node:https`, `fetch` of an `https:` address',
    reason: 'encryption happens in native code over native sockets, with keys that no seed feeds',
    instead: `speak plain HTTP in the scenario, as behind a proxy that ends TLS, or ${live}`,
  },
  http2: {
    name: '`node:http2`',
    reason: 'its frames are made and read by native code over native sockets',
    instead: `speak HTTP/1.1 in the scenario, or ${live}`,
  },
  dgram: {
    name: '`node:dgram`',
    reason: 'only stream connections are simulated',
    instead: `pass a transport of your own into the code under test, or ${live}`,
  },
  dnsResolve: {
    name: '`dns.resolve…`, `dns.reverse`, `dns.lookupService` and `dns.Resolver`',
    reason: 'the simulated world is one machine without a name server',
    instead: 'use addresses, or `localhost` by dns.lookup',
  },
  workerThreads: {
    name: '`new Worker` of `node:worker_threads`',
    reason: 'a schedule is one thread, and what another does cannot be ordered from here',
    instead: 'pass in an executor that runs in the thread, or use the world of threads for shared memory',
  },
  cluster: {
    name: '`cluster.fork`',
    reason: 'a forked process is outside of the simulated world',
    instead: 'start each server with sim.process on a port of its own',
  },
  spawnSync: {
    name: '`spawnSync`, `execSync` and `execFileSync`',
    reason: 'the command would have to run while its parent, and with it the schedule, stands still',
    instead: 'use the asynchronous functions',
  },
  childStdio: {
    name: 'a stream or a file descriptor above 2 as `stdio` of a child process',
    reason: 'what the child would inherit is not of the simulated world',
    instead: "use 'pipe', 'ignore' or 'inherit'",
  },
  stopSignals: {
    name: 'signals that halt a process: SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU',
    reason: 'a process of a schedule runs or has ended',
    instead: 'let the program wait, by a timer',
  },
  atomicsWait: {
    name: '`Atomics.wait` that cannot return at once',
    reason: 'it would block the thread of all simulated processes, and blocks the event loop in any world',
    instead: 'use Atomics.waitAsync, or the world of threads',
  },
  fileDescriptors: {
    name: 'sockets and servers over a file descriptor',
    reason: 'what lies behind the descriptor is real',
    instead: 'connect and listen by port or path',
  },
  nativeSockets: {
    name: 'native TCP handles put to use without `node:net`',
    reason: 'they reach the real network',
    instead: 'use sockets of node:net, node:http and what stands on them',
  },
  onread: {
    name: "net.Socket's option `onread`",
    reason: 'the bytes would be written into memory by native code',
    instead: "listen to 'data'",
  },
  randomKeys: {
    name: 'crypto that draws in native code: `generateKeyPair`, `generatePrime`, key agreement that makes its own keys, `publicEncrypt`, signatures by ECDSA, DSA and RSA-PSS',
    reason: 'OpenSSL takes its random numbers from the machine, so that no seed can repeat them',
    instead: 'make keys before the schedule; sign by HMAC, Ed25519 or RSA with PKCS #1 v1.5',
  },
  subtle: {
    name: '`crypto.subtle` operations without a synchronous twin',
    reason: 'they run on another thread, which a schedule cannot wait for',
    instead:
      'use HMAC, Ed25519, RSASSA-PKCS1-v1_5, AES, PBKDF2, HKDF and digests there, or make the keys before the schedule',
  },
  webAssemblyStreaming: {
    name: '`WebAssembly.compileStreaming` and `instantiateStreaming`',
    reason: 'they compile on another thread, which a schedule cannot wait for',
    instead: 'read the bytes first and use WebAssembly.compile or instantiate',
  },
  performanceObserver: {
    name: '`PerformanceObserver`',
    reason: 'it hears of entries by a real immediate',
    instead: 'read performance.getEntries()',
  },
  inspector: {
    name: '`inspector.open` and `inspector.waitForDebugger`',
    reason: 'a debugger connects to a real port, in real time',
    instead: 'open it before the schedule, as by `node --inspect`',
  },
  processWide: {
    name: '`process.chdir`, and another user or group by `process.setuid` and its like',
    reason: 'it would change the one real process that all simulated ones share, and the schedules after this one',
    instead: `use absolute paths, do it before the schedule, or ${live}`,
  },
  devices: {
    name: 'opening a device, a FIFO or a socket of the real disk',
    reason: 'what lies behind it is real',
    instead: 'give the code under test a file in its place, by sim.file',
  },
  lazyImport: {
    name: '`import()` of a module that is not loaded yet',
    reason: 'Node reads it once in the life of a thread, so that the next schedule would not see it happen',
    instead: 'import it before the schedule starts',
  },
  nativeCopies: {
    name: '`fs.cpSync` from Node 22 on, and `fs.openAsBlob`',
    reason: 'native code reads and writes the real disk',
    instead: 'use fs.promises.cp, or a Blob of what fs.promises.readFile reads',
  },
  nativeFileStreams: {
    name: '`FileHandle.readableWebStream` without bytes, in Node 20',
    reason: 'it reads from a native handle, which a schedule does not have',
    instead: "use readableWebStream({ type: 'bytes' }) or createReadStream",
  },
} as const satisfies Record<string, Refused>

/** The name of an entry of the table. */
export type RefusedKey = keyof typeof refused
