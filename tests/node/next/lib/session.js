import { cookies } from 'next/headers'
import { getIronSession } from 'iron-session'

export async function getSession() {
  return getIronSession(await cookies(), {
    cookieName: 'sid',
    password: process.env.SESSION_PASSWORD,
    ttl: 14 * 24 * 3600,
  })
}
