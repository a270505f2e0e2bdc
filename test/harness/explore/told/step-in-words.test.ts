import { describe, expect, it } from 'vitest'
import { stepInWords } from '../../../../harness/explore/told/step-in-words.ts'

const what = (key: string, label: string) => stepInWords({ key, label }).what

describe('a step in words', () => {
  it.each([
    ['c4:c0→server/1', 'data "GET /plans/p1 HTTP/1.1" 106 B', 'GET /plans/p1 from c0 arrives'],
    ['c4:c0→server/1', 'data "GET /5758ee29-33c8-4504-aff3-fe44bb1af228 HTTP/1" 263 B', 'GET /5758… from c0 arrives'],
    [
      'c4:c0→server/1',
      'data "POST /orders/of-a-customer-with-a-long-name/it" 90 B',
      'POST /orders/of-a-customer-with-a-long-name/it… from c0 arrives',
    ],
    ['c4:c0←server/1', 'data "HTTP/1.1 201 Created" 408 B', 'answer 201 Created of server arrives'],
    ['c4:c0←server/2', 'data "1e0" 492 B', 'a chunk from server arrives (492 B)'],
    ['c4:c0←server/3', 'data "0" 5 B', "the end of server's answer arrives"],
    ['c4:c0→server/2', 'data "hello" 5 B', '5 B from c0 arrive: "hello"'],
    ['c4:c0→server/2', 'data "·|·}·d·" 16 B', '16 B from c0 arrive'],
    ['c4:c0→server/0', 'accept', 'the connection of c0 is accepted'],
    ['c4:c0←server/0', 'connect', 'is connected to server'],
    ['c2:c2→server/3', 'FIN', "c2's FIN arrives"],
    ["c2':server RST/0", 'RST', 'connection c2 is reset by its peer'],
    ['c1:c0/0', 'ECONNREFUSED', 'cannot connect: ECONNREFUSED'],
    ['fs#4/0', 'appendFile audit.log "c1 was the last" 16 B', 'appendFile audit.log completes'],
    ['fs#4/0', 'open x.claim-9061baa5-b88b-4678-8450-4cb9fc56ece5', 'open x.claim-9061… completes'],
    ['dns#1/0', 'lookup localhost', 'lookup localhost completes'],
    ['timer:server:40/3', 'timer', 'timer 40 ms fires'],
    ['timer:a:b:40/3', 'timer', 'timer 40 ms fires'],
    ['proc1.stdout/0', 'data "line 3·" 7 B', 'proc1\'s stdout: "line 3"'],
    ['proc1.stdout/4', 'end', "proc1's stdout ends"],
    ['proc1.exit/0', 'exit 0', 'proc1 has exited with code 0'],
    ['proc1.exit/0', 'SIGKILL', 'proc1 is ended by SIGKILL'],
    ['signals:proc3/0', 'SIGTERM', 'proc3 gets SIGTERM'],
    ['proc1.start/0', 'sleep 60', 'proc1 starts: sleep 60'],
    ['server.stdin#1/0', 'line "{}" 2 B', 'server\'s stdin: "{}"'],
    ['script→c0/4', 'createPlan', 'begins createPlan'],
    ['script→server-1/0', 'stop', 'the target is told to stop'],
    ['start server#1/0', 'server', 'process server starts'],
    ['start server#2/0', 'server', 'server begins another function'],
    ['server→main#0/0', 'server failed', 'hears that the function of server has thrown'],
    ['fault#1:latency/0', 'start: latency 2 ms both', 'fault begins: latency 2 ms both'],
    ['fault#1:latency/1', 'heal: latency 2 ms both', 'fault is healed: latency 2 ms both'],
    ['a lane of its own/0', 'something', 'something (a lane of its own)'],
  ])('%s %s', (key, label, expected) => {
    expect(what(key, label)).toBe(expected)
  })

  it('knows of an event that never came what it would have been', () => {
    expect(what('proc1.stdout/1', 'data')).toBe("more of proc1's stdout")
    expect(what('c1:c0→server/3', 'data')).toBe('data from c0 arrive')
  })

  it.each([
    ['c4:c0→server/0', 'accept'],
    ['immediates:server/0', 'immediate'],
    ['close:server/0', "close c1'"],
    ['port#2/0', 'message'],
    ["c1':server own/0", 'shut down'],
  ])('has no part in a story unless it was held back: %s %s', (key, label) => {
    expect(stepInWords({ key, label }).matters).toBe(false)
  })
})
