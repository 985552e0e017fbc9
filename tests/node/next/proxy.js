// Next.js calls this before its routes.

import { NextResponse } from 'next/server'
import { refuse, take } from './lib/steps'

export const config = { matcher: '/proxy/:version' }

export async function proxy (request) {
  try {
    const response = new NextResponse()
    const version = request.nextUrl.pathname.split('/').at(-1)
    const loaded = await take(version, await request.json(), request, response)
    return NextResponse.json(loaded, response)
  } catch (error) {
    return refuse(error)
  }
}
