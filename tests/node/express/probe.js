'use strict'

// Performs the scripts of tests/conformance/script.py with the real cookie-session, so that the
// conformance suite is checked against the original. Usage:
// SESSION_OPTIONS='[{"keys": ["..."]}]' node probe.js PORT: the options of each layer, outermost first.

const cookieSession = require('cookie-session')
const express = require('express')

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.set('trust proxy', 'loopback')
const operations = {
  set: (req, key, value) => { req.session[key] = value },
  get: (req, key) => req.session[key] ?? 'nothing',
  read: (req) => req.session,
  delete: (req, key) => { delete req.session[key] },
  clear: (req) => { for (const key of Object.keys(req.session)) delete req.session[key] },
  increment: (req, key) => { req.session[key] = (req.session[key] || 0) + 1; return req.session[key] },
  append: (req, key, value) => { req.session[key].push(value) },
  pop: (req, key) => { req.session[key].pop() },
  fill: (req, key, size) => { req.session[key] = 'x'.repeat(size) },
  spoil: (req, key) => { req.session[key] = NaN },
  replace: (req, contents) => { req.session = contents },
  destroy: (req) => { req.session = null },
  option: (req, name, value) => { req.sessionOptions[name] = value },
  'is new': (req) => req.session.isNew
}

function perform (req, list) {
  const results = []
  for (const [name, ...args] of list) {
    const result = operations[name](req, ...args)
    // A copy, for a session changes between being read and being sent.
    if (result !== undefined) results.push(JSON.parse(JSON.stringify(result)))
  }
  return results
}

const scriptOf = (req) => JSON.parse(Buffer.from(req.get('X-Script'), 'base64url'))

JSON.parse(process.env.SESSION_OPTIONS).forEach((options, layer) => {
  if (layer > 0) app.use((req, res, next) => { perform(req, scriptOf(req).between); next() })
  app.use(cookieSession(options))
})

app.get('/', (req, res) => {
  const { do: list, reply } = scriptOf(req)
  const results = perform(req, list)
  if (reply.fails) throw new Error('as the script says')
  res.status(reply.status)
  for (const [name, value] of reply.headers) res.append(name, value)
  for (const name of reply.deletes) res.clearCookie(name)
  if (reply.chunks.length === 0) {
    if (reply.status === 204 || reply.status === 304) res.end()
    else res.end(JSON.stringify(results))
    return
  }
  const [first, ...others] = Array(reply.repeat).fill(reply.chunks).flat()
  res.write(first)
  const late = perform(req, reply.late)
  for (const chunk of others) res.write(chunk)
  res.end(reply.late.length > 0 ? JSON.stringify(late) : '')
})

app.use((error, req, res, next) => {
  perform(req, scriptOf(req).reply.sorry)
  res.status(500).end('sorry')
})
app.listen(Number(process.argv[2]), '127.0.0.1')
