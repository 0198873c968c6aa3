// Runs the built command line in a folder and a state of its own. The cache is the user's: software is fetched once.
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What `npx devcluster` runs. */
export const BIN = fileURLToPath(new URL('../../dist/devcluster.cjs', import.meta.url))
/** The same as modules, before the hot paths are bundled: each file it loads can be seen. */
export const MODULES = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
  /** Arguments of node itself. */
  readonly node?: readonly string[]
  /** Default: {@link BIN}. */
  readonly main?: string
  /** Called with what stdout has so far; may signal the child. */
  readonly onStdout?: (text: string, child: ChildProcess) => void
}

export interface Sandbox {
  readonly dir: string
  readonly home: string
  run(args: readonly string[], options?: RunOptions): Promise<Ran>
  remove(): void
}

export function createSandbox(): Sandbox {
  if (!existsSync(BIN)) throw new Error('the command line is not built: npm run build')
  const root = mkdtempSync(join(tmpdir(), 'devcluster-cli-'))
  const dir = mkdtempSync(join(root, 'shop-'))
  const home = join(root, 'home')
  return {
    dir,
    home,
    run: (args, options = {}) =>
      new Promise((resolve, reject) => {
        const { NO_COLOR: _, CI: __, DEVCLUSTER_PROFILES: ___, ...inherited } = process.env
        const child = spawn(process.execPath, [...(options.node ?? []), options.main ?? BIN, ...args], {
          cwd: dir,
          env: { ...inherited, DEVCLUSTER_HOME: home, ...options.env },
          stdio: 'pipe',
        })
        let stdout = ''
        let stderr = ''
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          stdout += text
          options.onStdout?.(stdout, child)
        })
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          stderr += text
        })
        child.once('error', reject)
        child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
        child.stdin.on('error', () => undefined)
        child.stdin.end(options.input ?? '')
      }),
    remove: () => rmSync(root, { recursive: true, force: true }),
  }
}
