// Serves Python workers by Pyodide, as edge hosts do, with Node's own Request and Response.
// The first part of a path names the module whose on_fetch answers.
// Usage: SETTINGS='{"COOKIESESSION_KEYS": "..."}' node serve.mjs PORT FOLDER

import { createServer } from 'node:http'
import { loadPyodide } from 'pyodide'

const [port, folder] = process.argv.slice(2)
const env = JSON.parse(process.env.SETTINGS)
const python = await loadPyodide()
python.mountNodeFS('/workers', folder)
python.runPython('import sys; sys.path.insert(0, "/workers")')

async function toRequest (incoming) {
  const scheme = incoming.headers['x-forwarded-proto'] ?? 'http'
  const parts = []
  for await (const part of incoming) parts.push(part)
  return new Request(`${scheme}://${incoming.headers.host}${incoming.url}`, {
    method: incoming.method,
    headers: Object.entries(incoming.headers).filter(([name]) => name !== 'connection'),
    body: incoming.method === 'POST' ? Buffer.concat(parts) : undefined
  })
}

createServer(async (incoming, outgoing) => {
  try {
    const worker = python.pyimport(incoming.url.split('/')[1])
    const response = await worker.on_fetch(await toRequest(incoming), env)
    for (const [name, value] of response.headers) outgoing.appendHeader(name, value)
    outgoing.writeHead(response.status).end(await response.text())
  } catch (error) {
    console.error(error)
    outgoing.writeHead(500).end(String(error))
  }
}).listen(Number(port), '127.0.0.1')
