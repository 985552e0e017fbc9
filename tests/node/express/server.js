'use strict'

// The session routes of tests/live/wsgi_app.py as an Express application with the real
// cookie-session. Usage: SESSION_OPTIONS='{"keys": ["..."]}' node server.js PORT

const cookieSession = require('cookie-session')
const express = require('express')
const Keygrip = require('keygrip')

const { algorithm, encoding, keys, ...options } = JSON.parse(process.env.SESSION_OPTIONS)
// An array of keys makes cookie-session build its own Keygrip, which is always SHA-1.
options.keys = algorithm || encoding ? new Keygrip(keys, algorithm, encoding) : keys

const app = express()
app.disable('x-powered-by')
app.disable('etag')
app.use(express.json())
app.use(cookieSession(options))

app.get('/count', (req, res) => {
  req.session.views = (req.session.views || 0) + 1
  res.json({ session: req.session })
})

app.get('/read', (req, res) => {
  const session = req.session
  res.json({ session, isNew: session.isNew })
})

app.post('/set', (req, res) => {
  Object.assign(req.session, req.body)
  res.json({ session: req.session })
})

app.post('/replace', (req, res) => {
  req.session = req.body
  res.json({ session: req.session })
})

app.post('/destroy', (req, res) => {
  req.session = null
  res.json({ session: null })
})

app.get('/untouched', (req, res) => {
  res.json({})
})

const port = Number(process.argv[2] || process.env.PORT)
app.listen(port, '127.0.0.1')
