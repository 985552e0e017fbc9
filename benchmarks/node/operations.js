'use strict'

// Measures the real cookie-session as benchmarks/timing.py measures everything else: many short
// calls in turn, medians of processor time over rounds. Requests and responses are the fewest members that the
// packages use; there are no sockets. Reads its task from stdin, writes rows to stdout, both JSON.

const cookieSession = require('cookie-session')

const task = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const middleware = cookieSession({ keys: [task.key] })

class Response {
  constructor () {
    this.headers = undefined
    this.headersSent = false
  }

  getHeader () { return this.headers }
  setHeader (name, value) { this.headers = value }
  writeHead () { this.headersSent = true }
}

function served (cookie, handler, responds) {
  return function call () {
    const req = { headers: { cookie }, connection: {} }
    const res = new Response()
    middleware(req, res, () => handler(req))
    if (responds) res.writeHead(200)
    return res
  }
}

let seen

const handlers = {
  load: () => (req) => { seen = req.session },
  save: (contents) => (req) => { req.session = contents },
  'round trip': () => (req) => { req.session.views = (req.session.views || 0) + 1 },
  untouched: () => () => {},
  read: () => (req) => { seen = req.session.views }
}

const calls = []
for (const { size, contents, cookie, crowded } of task.payloads) {
  for (const [operation, handler] of Object.entries(handlers)) {
    const header = operation === 'untouched' ? crowded : operation === 'save' ? '' : cookie
    const call = served(header, handler(contents), operation !== 'load')
    calls.push({ size, operation, call, samples: [] })
  }
}

// Processor time of the process in nanoseconds, its threads included.
function time (call, count) {
  const start = process.cpuUsage()
  for (let i = 0; i < count; i++) call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) * 1000
}

function quantile (sorted, part) {
  const at = part * (sorted.length - 1)
  const low = Math.floor(at)
  const high = Math.ceil(at)
  return sorted[low] + (sorted[high] - sorted[low]) * (at - low)
}

// Long enough for the compiler to have done its work before anything counts.
for (const each of calls) {
  const until = Date.now() + task.warm_up_ms
  do { time(each.call, 100) } while (Date.now() < until)
  each.repeats = Math.max(1, Math.round(task.slice_ns * 1000 / time(each.call, 1000)))
}

for (let round = 0; round < task.rounds; round++) {
  for (const each of calls) each.samples.push(time(each.call, each.repeats) / each.repeats)
}

console.log(JSON.stringify({
  version: process.version,
  rows: calls.map(({ size, operation, call, samples }) => {
    seen = undefined
    const res = call()
    samples.sort((a, b) => a - b)
    const median = quantile(samples, 0.5)
    const spread = (quantile(samples, 0.75) - quantile(samples, 0.25)) / median
    return { size, operation, ns: median, spread, seen, set_cookies: res.headers || [] }
  })
}))
