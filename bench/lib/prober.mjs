// The judge of "usable", a process of its own that knows neither side: asks every address every few milliseconds over its own small client.
//   kafka: every broker answers Metadata and lists all N; with `topic`, each partition of it has all N in its in-sync set, by every broker.
//   zookeeper: every member answers `srvr` with a mode, one of them leads (or stands alone).
// Driven over IPC: { kind, ports, topic? } -> { at } (epoch ms).
import { connect } from 'node:net'
import { epoch, sleep } from './process.mjs'
import { answerOf, frame, metadata, wholeAnswer } from './wire.mjs'

// Shorter steps on fresh connections take processor time from what is measured.
const STEP_MS = 25
const TRY_MS = 250

/** One question on a connection of its own; undefined when there is no whole answer in time. */
function ask(port, question, whole) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true })
    let got = Buffer.alloc(0)
    const end = (answer) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(answer)
    }
    const limit = setTimeout(() => end(undefined), TRY_MS)
    socket.once('connect', () => socket.write(question))
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      if (whole(got)) end(got)
    })
    socket.once('error', () => end(undefined))
    socket.once('close', () => end(undefined))
  })
}

const kinds = {
  async kafka({ ports, topic }) {
    const question = frame(metadata, { topics: topic === undefined ? [] : [topic] })
    const answers = await Promise.all(ports.map((port) => ask(port, question, (got) => wholeAnswer(got) !== undefined)))
    return answers.every((answer) => {
      if (!answer) return false
      const { brokers, topics } = answerOf(metadata, answer)
      if (brokers.length !== ports.length) return false
      const partitions = topics.flatMap((one) => one.partitions)
      return (
        topic === undefined || (partitions.length > 0 && partitions.every((one) => one.leader >= 0 && one.inSync.length === ports.length))
      )
    })
  },
  async zookeeper({ ports }) {
    const answers = await Promise.all(ports.map((port) => ask(port, 'srvr', (got) => /\nMode: \w+\n/.test(String(got)))))
    const modes = answers.map((answer) => /\nMode: (\w+)\n/.exec(String(answer ?? ''))?.[1])
    return modes.every(Boolean) && modes.filter((mode) => mode === 'leader' || mode === 'standalone').length === 1
  },
}

let task
process.on('message', (message) => {
  task = message
  if (!message) return
  void (async () => {
    while (task === message) {
      if (await kinds[message.kind](message)) {
        if (task !== message) return
        process.send({ at: epoch() })
        task = undefined
        return
      }
      await sleep(STEP_MS)
    }
  })()
})
process.on('disconnect', () => process.exit())
