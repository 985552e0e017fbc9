'use strict'

// A server whose every request counts a view. Usage: KEY=... node server.js KIND PORT, where KIND
// is http or express, with "-session" behind it for cookie-session.

const [kind, port] = process.argv.slice(2)
const [framework, session] = kind.split('-')

function respond (req, res) {
  if (session) req.session.views = (req.session.views || 0) + 1
  res.setHeader('content-type', 'text/plain')
  res.end('ok')
}

const cookies = session && require('cookie-session')({ keys: [process.env.KEY] })

if (framework === 'express') {
  const app = require('express')()
  app.disable('x-powered-by')
  if (session) app.use(cookies)
  app.get('/', respond)
  app.listen(Number(port), '127.0.0.1')
} else {
  const handler = session ? (req, res) => cookies(req, res, () => respond(req, res)) : respond
  require('http').createServer(handler).listen(Number(port), '127.0.0.1')
}
