'use strict'

// A server that counts a view with each request. Usage: KEY=... node server.js PORT [session]

const [port, session] = process.argv.slice(2)
const cookies = require('cookie-session')({ keys: [process.env.KEY] })

function respond (req, res) {
  if (session) req.session.views = (req.session.views || 0) + 1
  res.setHeader('content-type', 'text/plain')
  res.end('ok')
}

const handler = session ? (req, res) => cookies(req, res, () => respond(req, res)) : respond
require('http').createServer(handler).listen(Number(port), '127.0.0.1')
