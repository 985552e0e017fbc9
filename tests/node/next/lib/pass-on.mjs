const some = (headers, names) =>
  new Headers(names.filter((name) => headers.has(name)).map((name) => [name, headers.get(name)]))

export async function fromBackend(request, url) {
  const answer = await fetch(url, {
    method: request.method,
    headers: some(request.headers, ['cookie', 'content-type', 'accept']),
    body: request.body && (await request.arrayBuffer()),
    redirect: 'manual',
  })
  const headers = some(answer.headers, ['content-type', 'location', 'vary', 'cache-control'])
  for (const line of answer.headers.getSetCookie()) headers.append('set-cookie', line)
  return new Response(answer.body, { status: answer.status, headers })
}
