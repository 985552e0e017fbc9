'use strict'

// Measures the real cookie-session. Requests and responses have the fewest members that the packages
// use; there are no sockets. It answers each line of input with a line of JSON: "names" with the
// names of the cases, the index of a case with the seconds that one call takes.

const cookieSession = require('cookie-session')

const seconds = Number(process.argv[3])
const task = JSON.parse(process.argv[2])
const middleware = cookieSession({ keys: [task.key] })

class Response {
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
    return res.headers || []
  }
}

let seen

const handlers = {
  load: () => (req) => { seen = req.session },
  save: (contents) => (req) => { req.session = contents },
  'round trip': () => (req) => { req.session.views = (req.session.views || 0) + 1 },
  read: () => (req) => { seen = req.session.views },
  untouched: () => () => {}
}

const cases = []
for (const { size, contents, cookie, crowded } of task.payloads) {
  for (const [operation, handler] of Object.entries(handlers)) {
    const header = operation === 'untouched' ? crowded : operation === 'save' ? '' : cookie
    const call = served(header, handler(contents), operation !== 'load')
    const sends = operation === 'save' || operation === 'round trip'
    if ((call().length === 2) !== sends) throw new Error(`${operation} does not do its work`)
    if (operation === 'read' && seen !== contents.views) throw new Error('read the wrong value')
    cases.push({ name: [size, operation], call })
  }
}

// Processor time of the process in seconds, its threads included.
function time (call, count) {
  const start = process.cpuUsage()
  for (let i = 0; i < count; i++) call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

// Long enough for the compiler to have done its work before anything counts.
for (const each of cases) {
  const until = Date.now() + seconds * 100000
  do { time(each.call, 100) } while (Date.now() < until)
  each.count = Math.max(1, Math.round(seconds * 1000 / time(each.call, 1000)))
}

require('readline').createInterface({ input: process.stdin }).on('line', line => {
  const each = cases[line]
  console.log(JSON.stringify(each ? time(each.call, each.count) / each.count : cases.map(({ name }) => name)))
})
