// app/route.js
import { getIronSession } from 'iron-session'
import { cookies } from 'next/headers'

export async function GET() {
  const session = await getIronSession(await cookies(), {
    cookieName: 'sid',
    password: 'a-password-of-thirty-two-characters-or-more'
  })
  session.views = (session.views || 0) + 1
  await session.save()
  return new Response(`${session.views} views`)
}
