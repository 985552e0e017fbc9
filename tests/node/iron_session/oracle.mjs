// Opens seals by the real iron-session 8 and 9: a line of JSON with [seal, password] pairs there, a
// line of JSON with [answer of 8, answer of 9] pairs back.

import { createInterface } from 'node:readline'
import { unsealData as version8 } from 'iron-session8'
import { unsealData as version9 } from 'iron-session9'

async function by8(seal, password) {
  try {
    return { data: await version8(seal, { password }) }
  } catch (error) {
    return { error: error.message }
  }
}

async function by9(seal, password) {
  let reason
  const data = await version9(seal, { password, onUnsealError: (_, error) => { reason = error.message } })
  return reason === undefined ? { data } : { error: reason }
}

for await (const line of createInterface({ input: process.stdin })) {
  const answers = []
  for (const [seal, password] of JSON.parse(line)) {
    answers.push([await by8(seal, password), await by9(seal, password)])
  }
  process.stdout.write(JSON.stringify(answers) + '\n')
}
