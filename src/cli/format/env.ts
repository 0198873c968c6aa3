// Connection settings as dotenv, shell, JSON, Spring properties, or GitHub's environment file. Pure.

export type EnvFormat = 'dotenv' | 'shell' | 'json' | 'spring' | 'github'
type Settings = Readonly<Record<string, string>>

/** Quoted only where a reader of dotenv files would otherwise read something else. */
function dotenvValue(value: string): string {
  if (/^[\w./:,@%+=-]*$/.test(value) && value !== '') return value
  // Single quotes are literal for every reader; they cannot hold themselves or line breaks.
  if (!/['\n\r]/.test(value)) return `'${value}'`
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('$', '\\$')}"`
}

/** POSIX shell: literal in single quotes, a single quote as '\''. */
function shellValue(value: string): string {
  return /^[\w./:,@%+=-]+$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

/** Java properties (java.util.Properties.load): `\` introduces escapes, a leading blank would be dropped. */
function propertiesValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t').replace(/^ /, '\\ ')
}

function githubLine(name: string, value: string): string {
  if (!/[\n\r]/.test(value)) return `${name}=${value}`
  let end = 'END'
  while (value.includes(end)) end += '_'
  return `${name}<<${end}\n${value}\n${end}`
}

/** Without a final line break; empty when there is nothing. */
export function formatEnv(format: EnvFormat, env: Settings, spring: Settings): string {
  const lines = (write: (name: string, value: string) => string, of: Settings = env) =>
    Object.entries(of)
      .map(([name, value]) => write(name, value))
      .join('\n')
  switch (format) {
    case 'dotenv':
      return lines((name, value) => `${name}=${dotenvValue(value)}`)
    case 'shell':
      return lines((name, value) => `export ${name}=${shellValue(value)}`)
    case 'json':
      return JSON.stringify(env, null, 2)
    case 'spring':
      return lines((name, value) => `${name}=${propertiesValue(value)}`, spring)
    case 'github':
      return lines(githubLine)
  }
}

/** Workflow commands that hide secrets in a job's log; they belong on a stream of the step, not in the file. */
export function githubMasks(env: Settings, secrets: readonly string[]): string[] {
  return secrets.flatMap((name) => (env[name] ? [`::add-mask::${env[name]}`] : []))
}
