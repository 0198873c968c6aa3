// The docker client for tests of images: plain commands, and a bag of containers that leaves nothing behind.
// Deliberately not the product's own runtime: the stand-ins are judged from outside of it.
import { execFile, execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'

export interface Result {
  readonly code: number
  readonly text: string
}

/** Registry that holds the stand-in images, from `.ci/run`; undefined where there is none. */
export const mirror = process.env['DEVCLUSTER_TEST_MIRROR']

/** Why image tests cannot run here, or undefined. */
export function whyNot(): string | undefined {
  if (!mirror) return 'DEVCLUSTER_TEST_MIRROR is not set: eval "$(.ci/run --images-only)"'
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'pipe', timeout: 10_000 })
    return undefined
  } catch {
    return 'no container engine answers'
  }
}

/** Runs a docker command to its end; never throws for its exit code. */
export function docker(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile('docker', args, { timeout: 120_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
      resolve({ code, text: `${stdout}${stderr}` })
    })
  })
}

async function must(...args: readonly string[]): Promise<string> {
  const { code, text } = await docker(...args)
  if (code !== 0) throw new Error(`docker ${args.join(' ')} ended with ${code}: ${text}`)
  return text.trim()
}

/** Containers, volumes and networks of one test file, all labelled, all removed by `clear`. */
export class Bench {
  readonly #label = `devcluster.test=${process.env['DEVCLUSTER_TEST_RUN'] ?? process.pid}`
  readonly #prefix = `devcluster-test-${randomBytes(4).toString('hex')}`
  readonly #containers: string[] = []
  readonly #volumes: string[] = []
  readonly #networks: string[] = []

  /** Creates without starting. `options` go before the image, `command` after it. */
  async create(image: string, options: readonly string[] = [], command: readonly string[] = []): Promise<string> {
    // Beforehand: the lines of a pull would stand among those of the creation.
    if ((await docker('image', 'inspect', image)).code !== 0) await must('pull', '--quiet', image)
    const id = (await must('create', '--label', this.#label, ...options, image, ...command)).split('\n').at(-1) ?? ''
    this.#containers.push(id)
    return id
  }

  async start(id: string): Promise<void> {
    await must('start', id)
  }

  /** Creates and starts. */
  async run(image: string, options: readonly string[] = [], command: readonly string[] = []): Promise<string> {
    const id = await this.create(image, options, command)
    await this.start(id)
    return id
  }

  /** Runs until the container ends by itself. */
  async runToEnd(image: string, options: readonly string[] = [], command: readonly string[] = []): Promise<Result> {
    const id = await this.run(image, options, command)
    const code = Number(await must('wait', id))
    return { code, text: await must('logs', id) }
  }

  async volume(): Promise<string> {
    const name = `${this.#prefix}-${this.#volumes.length}`
    this.#volumes.push(await must('volume', 'create', '--label', this.#label, name))
    return name
  }

  async network(): Promise<string> {
    const name = `${this.#prefix}-net-${this.#networks.length}`
    await must('network', 'create', '--label', this.#label, name)
    this.#networks.push(name)
    return name
  }

  /** Output of a command in the container; throws when it fails. */
  exec(id: string, ...argv: readonly string[]): Promise<string> {
    return must('exec', id, ...argv)
  }

  logs(id: string): Promise<string> {
    return must('logs', id)
  }

  inspect(subject: string, format: string): Promise<string> {
    return must('inspect', '--format', format, subject)
  }

  /** Asks until the answer satisfies, or the container is dead, or time is up. */
  async until(id: string, ask: () => Promise<string>, satisfies: (answer: string) => boolean, withinMs = 60_000): Promise<string> {
    const end = performance.now() + withinMs
    let answer = ''
    while (performance.now() < end) {
      answer = await ask().catch(String)
      if (satisfies(answer)) return answer
      if ((await this.inspect(id, '{{.State.Running}}')) !== 'true') throw new Error(`container ended: ${await this.logs(id)}`)
      await new Promise((wake) => setTimeout(wake, 100))
    }
    throw new Error(`not within ${withinMs} ms; last answer: ${answer}; log: ${await this.logs(id)}`)
  }

  /** Log lines since the (last) start show the text. */
  untilLogged(id: string, text: string, times = 1): Promise<string> {
    return this.until(
      id,
      () => this.logs(id),
      (log) => log.split(text).length > times,
    )
  }

  /** SIGTERM, then the exit code. 137 would mean that the engine had to kill it. */
  async stop(id: string): Promise<number> {
    await must('stop', '--time', '20', id)
    return Number(await this.inspect(id, '{{.State.ExitCode}}'))
  }

  async remove(id: string): Promise<void> {
    await must('rm', '--force', '--volumes', id)
    this.#containers.splice(this.#containers.indexOf(id), 1)
  }

  /** Copies a file into a container, running or not. */
  async put(file: string, id: string, path: string): Promise<void> {
    await must('cp', file, `${id}:${path}`)
  }

  async clear(): Promise<void> {
    if (this.#containers.length > 0) await docker('rm', '--force', '--volumes', ...this.#containers.splice(0))
    if (this.#volumes.length > 0) await docker('volume', 'rm', ...this.#volumes.splice(0))
    if (this.#networks.length > 0) await docker('network', 'rm', ...this.#networks.splice(0))
  }
}
