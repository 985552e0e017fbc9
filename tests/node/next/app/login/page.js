import { redirect } from 'next/navigation'
import { getSession } from '../../lib/session'

async function login (form) {
  'use server'
  const session = await getSession()
  session.user = form.get('user')
  await session.save()
  redirect('/account')
}

async function logout () {
  'use server'
  const session = await getSession()
  session.destroy()
}

export default function Login () {
  return (
    <>
      <form action={login}><input name='user' /><button>Log in</button></form>
      <form action={logout}><button>Log out</button></form>
    </>
  )
}
