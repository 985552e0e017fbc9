'use strict'

// The new half of a site whose users log in with Flask-Login.
// Both halves read COOKIESESSION_KEYS.
//
//   npm install
//   export COOKIESESSION_KEYS="$(cat keys.txt)"
//   node server.js 3000

const cookieSession = require('cookie-session')
const express = require('express')

// The keys as Python reads them: one a line or, on one line, separated by commas. Newest first.
const text = process.env.COOKIESESSION_KEYS.trim()
const keys = text.split(text.includes('\n') ? '\n' : ',').map((key) => key.trim())

const app = express()
app.set('trust proxy', 'loopback') // a proxy on this machine ends TLS
app.use(cookieSession({
  keys,
  maxAge: 14 * 24 * 3600 * 1000, // PERMANENT_SESSION_LIFETIME, in milliseconds
  sameSite: 'lax'
}))

app.get('/new', (req, res) => {
  res.send(req.session._user_id || 'nobody')
})

app.post('/new/log-in/:id', (req, res) => {
  // A real application checks a password first. Flask-Login wants the id as text.
  req.session = { _user_id: String(req.params.id), _permanent: true }
  res.send('welcome')
})

app.post('/new/log-out', (req, res) => {
  req.session = null
  res.clearCookie('remember_token') // otherwise Flask-Login logs the user in again
  res.send('bye')
})

app.listen(Number(process.argv[2]), '127.0.0.1')
