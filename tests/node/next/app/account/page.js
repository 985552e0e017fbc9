import { getSession } from '../../lib/session'

export default async function Account () {
  const session = await getSession()
  return <p>{`Hello ${session.user ?? 'nobody'}.`}</p>
}
