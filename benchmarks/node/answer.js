'use strict'

// Answers each line of input with a line of JSON: "names" with the names of the cases, the index of
// a case with the seconds that one call takes. A call may return a promise.

const { createInterface } = require('readline')

const seconds = Number(process.argv[3])

// Processor time of the process in seconds, its threads included.
async function time ({ call, waits }, count) {
  const start = process.cpuUsage()
  if (waits) for (let i = 0; i < count; i++) await call()
  else for (let i = 0; i < count; i++) call()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

async function calibrate (each) {
  each.waits = each.call() instanceof Promise
  // Long enough for the compiler to have done its work before anything counts.
  const until = Date.now() + seconds * 100000
  do { await time(each, 100) } while (Date.now() < until)
  each.count = Math.max(1, Math.round(seconds * 1000 / await time(each, 1000)))
}

module.exports = async function answer (cases) {
  for (const each of cases) await calibrate(each)
  for await (const line of createInterface({ input: process.stdin })) {
    const each = cases[line]
    const found = each ? await time(each, each.count) / each.count : cases.map(({ name }) => name)
    console.log(JSON.stringify(found))
  }
}
