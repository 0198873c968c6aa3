// A small TCP server that stands in for a real service in tests. One file, Node's built-ins only: it also runs inside a container.
//
// Settings come from the file named by the first argument (KEY=VALUE lines), and from the environment where the file is silent:
//   TOY_ID, TOY_HOST, TOY_PORT, TOY_DATA (folder), TOY_MESSAGE, TOY_PEERS (id=host:port,...),
//   TOY_DELAY_MS (listens only after this long), TOY_EXIT_CODE (ends at once with it), TOY_EXIT_AFTER_MS (then also delays that end),
//   TOY_IGNORE_SIGTERM=1, TOY_LOG_LINES (writes so many lines at start).
// Line protocol: HELLO -> `READY <id>`; ECHO x -> x; MESSAGE -> its message; PEERS -> ids of peers that answer HELLO, sorted;
//   STARTS -> how often it started on this data; PUT k v -> OK; GET k -> v; ENV k -> value; PID -> pid; LOG x -> OK, and x in the log;
//   EXIT n -> ends with code n; ALLOC n -> holds n MiB. Anything else: ERROR.
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'

const settings = { ...process.env }
const file = process.argv[2]
if (file) {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const at = line.indexOf('=')
    if (at > 0) settings[line.slice(0, at)] = line.slice(at + 1)
  }
}
const id = settings.TOY_ID ?? 'toy'
const log = (text) => process.stdout.write(`${new Date().toISOString()} ${id} ${text}\n`)

for (let line = 1; line <= Number(settings.TOY_LOG_LINES ?? 0); line++) log(`line ${line}`)
if (settings.TOY_EXIT_CODE !== undefined) {
  process.stderr.write(`${id} cannot start: told to end with code ${settings.TOY_EXIT_CODE}\n`)
  setTimeout(() => process.exit(Number(settings.TOY_EXIT_CODE)), Number(settings.TOY_EXIT_AFTER_MS ?? 0))
} else serve()

function serve() {
  const data = settings.TOY_DATA
  const store = data ? join(data, 'store.json') : undefined
  let content = { starts: 0, values: {} }
  if (store) {
    mkdirSync(data, { recursive: true })
    if (existsSync(store)) content = JSON.parse(readFileSync(store, 'utf8'))
  }
  const save = () => {
    if (!store) return
    writeFileSync(`${store}.tmp`, JSON.stringify(content))
    renameSync(`${store}.tmp`, store)
  }
  content.starts++
  save()

  const held = []
  const answer = async (line) => {
    const [verb = '', ...rest] = line.trim().split(' ')
    const text = rest.join(' ')
    switch (verb) {
      case 'HELLO':
        return `READY ${id}`
      case 'ECHO':
        return text
      case 'MESSAGE':
        return settings.TOY_MESSAGE ?? ''
      case 'PEERS':
        return (await peers()).join(',')
      case 'STARTS':
        return String(content.starts)
      case 'PUT':
        content.values[rest[0]] = rest.slice(1).join(' ')
        save()
        return 'OK'
      case 'GET':
        return content.values[text] ?? ''
      case 'ENV':
        return process.env[text] ?? ''
      case 'PID':
        return String(process.pid)
      case 'LOG':
        log(text)
        return 'OK'
      case 'ALLOC':
        held.push(Buffer.alloc(Number(text) * 1024 * 1024, 1))
        return 'OK'
      case 'EXIT':
        log(`ends with code ${text}`)
        setImmediate(() => process.exit(Number(text)))
        return 'BYE'
      default:
        return 'ERROR'
    }
  }

  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    let rest = ''
    // Answers leave in the order of the questions.
    let turn = Promise.resolve()
    socket.setEncoding('utf8').on('data', (chunk) => {
      rest += chunk
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end)
        rest = rest.slice(end + 1)
        turn = turn.then(async () => {
          const reply = await answer(line)
          if (!socket.destroyed) socket.write(`${reply}\n`)
        })
      }
    })
  })

  const stop = (signal) => {
    if (signal === 'SIGTERM' && settings.TOY_IGNORE_SIGTERM === '1') {
      log('ignores SIGTERM')
      return
    }
    log(`stops on ${signal}`)
    if (data) appendFileSync(join(data, 'stops.log'), `${signal}\n`)
    server.close(() => process.exit(0))
    for (const socket of sockets) socket.destroy()
    if (!server.listening) process.exit(0)
  }
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => stop(signal))
  server.on('error', (error) => {
    process.stderr.write(`${id} cannot listen: ${error.message}\n`)
    process.exit(1)
  })
  setTimeout(
    () =>
      server.listen(Number(settings.TOY_PORT ?? 7000), settings.TOY_HOST ?? '127.0.0.1', () =>
        log(`listens on port ${settings.TOY_PORT ?? 7000}`),
      ),
    Number(settings.TOY_DELAY_MS ?? 0),
  )
}

async function peers() {
  const list = (settings.TOY_PEERS ?? '').split(',').filter(Boolean)
  const answers = await Promise.all(
    list.map((entry) => {
      const [peer, address = ''] = entry.split('=')
      const colon = address.lastIndexOf(':')
      return new Promise((resolve) => {
        const socket = connect(Number(address.slice(colon + 1)), address.slice(0, colon))
        const end = (value) => {
          socket.destroy()
          resolve(value)
        }
        socket.setTimeout(1000, () => end(undefined))
        socket.on('error', () => end(undefined))
        socket.on('connect', () => socket.write('HELLO\n'))
        socket.on('data', (reply) => end(String(reply).startsWith('READY') ? peer : undefined))
      })
    }),
  )
  return answers.filter(Boolean).sort((a, b) => (a < b ? -1 : 1))
}
