import { cookies } from 'next/headers'
import { refuse, take } from '../../../lib/steps'

export async function POST (request, { params }) {
  try {
    const { version } = await params
    return Response.json(await take(version, await request.json(), await cookies()))
  } catch (error) {
    return refuse(error)
  }
}
