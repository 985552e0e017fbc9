'use strict'

// One half of a site, beside app.py. Both halves log users in, and keep those who ask for it.
//
//   npm install
//   export COOKIESESSION_KEYS="$(cat keys.txt)"
//   node server.js 3000

const cookieSession = require('cookie-session')
const express = require('express')

const THIRTY_DAYS = 30 * 24 * 3600 * 1000 // milliseconds
const KEY_NUMBER = 1 // add 1 when a new key goes to the front

// The keys as Python reads them: one a line or, on one line, separated by commas. Newest first.
const text = process.env.COOKIESESSION_KEYS.trim()
const keys = text.split(text.includes('\n') ? '\n' : ',').map((key) => key.trim())

const app = express()
app.use(express.urlencoded())
app.use(cookieSession({
  keys,
  sameSite: 'lax'
}))

app.use((req, res, next) => {
  // cookie-session asks for maxAge when it saves, and then the contents are known.
  Object.defineProperty(req.sessionOptions, 'maxAge', {
    enumerable: true,
    get: () => req.session && req.session.remember ? THIRTY_DAYS : undefined
  })
  // After a rotation this saves the session once, so that both cookies are sent.
  if (req.session.remember) req.session.keyNumber = KEY_NUMBER
  next()
})

app.post('/log-in', (req, res) => {
  // A real application checks a password first.
  req.session = { user: req.body.user, remember: req.body.remember === 'on' }
  res.send('hello')
})

app.post('/theme/:theme', (req, res) => {
  req.session.theme = req.params.theme
  res.send(req.params.theme)
})

app.get('/', (req, res) => {
  res.send(`${req.session.user || 'nobody'}: ${req.session.theme || ''}`)
})

app.post('/log-out', (req, res) => {
  req.session = null
  res.send('bye')
})

app.listen(Number(process.argv[2]), '127.0.0.1')
