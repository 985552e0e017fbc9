export async function fromBackend(request, url) {
  const cookie = request.headers.get('cookie') ?? ''
  const answer = await fetch(url, { headers: { cookie } })
  const headers = new Headers()
  for (const line of answer.headers.getSetCookie()) headers.append('set-cookie', line)
  return new Response(answer.body, { status: answer.status, headers })
}
