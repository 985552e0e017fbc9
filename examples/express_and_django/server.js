'use strict'

// The new half of a site whose users log in with Django.
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
  name: 'sessionid', // SESSION_COOKIE_NAME
  keys,
  maxAge: 14 * 24 * 3600 * 1000, // SESSION_COOKIE_AGE, in milliseconds
  sameSite: 'lax' // SESSION_COOKIE_SAMESITE
}))

app.get('/new', (req, res) => {
  res.send(req.session._auth_user_id || 'nobody') // the primary key of the user, as text
})

app.post('/new/cart/:item', (req, res) => {
  req.session.cart = [...(req.session.cart || []), req.params.item]
  res.send(req.session.cart.join(', '))
})

app.post('/new/log-out', (req, res) => {
  req.session = null
  res.send('bye')
})

app.listen(Number(process.argv[2]), '127.0.0.1')
