'use strict'

// Measures the real cookie-session. Requests and responses have the fewest members that the packages
// use; there are no sockets. Usage: node operations.js TASK SECONDS

const cookieSession = require('cookie-session')

const answer = require('./answer')

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

answer(cases)
