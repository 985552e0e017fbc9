// Decrypts tokens by the real Auth.js 5 and NextAuth 4: on standard input, JSON with a list of
// [token, version, name of the cookie]; on standard output, a list of claims, or null without any.
// Usage: AUTH_SECRETS='["newest", ...]' node oracle.mjs

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { decode as decode5 } from '@auth/core/jwt'

const { decode: decode4 } = createRequire(import.meta.url)('next-auth/jwt')
const secrets = JSON.parse(process.env.AUTH_SECRETS)

async function claims (token, version, salt) {
  try {
    return version === 5
      ? await decode5({ token, secret: secrets, salt })
      : await decode4({ token, secret: secrets[0] })
  } catch {
    return null
  }
}

const answers = []
for (const asked of JSON.parse(readFileSync(0))) answers.push(await claims(...asked))
console.log(JSON.stringify(answers))
