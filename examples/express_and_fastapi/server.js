'use strict'

// One half of a site: users log in here, and app.py then knows them.
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
  maxAge: 14 * 24 * 3600 * 1000, // milliseconds
  sameSite: 'lax'
}))

app.post('/log-in/:user', (req, res) => {
  req.session = { user: req.params.user, cart: [] } // a real application checks a password first
  res.send(`hello, ${req.params.user}`)
})

app.get('/', (req, res) => {
  res.send(`${req.session.user || 'nobody'}: ${(req.session.cart || []).join(', ')}`)
})

app.listen(Number(process.argv[2]), '127.0.0.1')
