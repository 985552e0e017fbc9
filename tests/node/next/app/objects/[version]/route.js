import { NextResponse } from 'next/server'
import { refuse, take } from '../../../lib/steps'

export async function POST (request, { params }) {
  try {
    const { version } = await params
    const response = new NextResponse()
    const loaded = await take(version, await request.json(), request, response)
    return NextResponse.json(loaded, response)
  } catch (error) {
    return refuse(error)
  }
}
