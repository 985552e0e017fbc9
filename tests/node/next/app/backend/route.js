import { fromBackend } from '../../lib/pass-on.mjs'

export function GET (request) {
  return fromBackend(request, request.headers.get('x-backend'))
}
