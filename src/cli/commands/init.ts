// `devcluster init [TEMPLATE]`: writes a commented cluster file, never over one that exists unless told to.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DevclusterError } from '../../errors.ts'
import { hasErrno } from '../../util/fs.ts'
import { TEMPLATES } from '../../util/package-root.ts'
import { suggest } from '../../util/suggest.ts'
import type { Run } from '../command.ts'
import { columns } from '../format/table.ts'
import { show, showNews } from '../json.ts'

const FOLDER = new URL('clusters/', TEMPLATES)

interface Template {
  readonly name: string
  /** Its first comment line. */
  readonly about: string
  readonly text: string
}

/** In the order of order.json, the first of which is the default; others behind them. */
async function templates(): Promise<Template[]> {
  const order: unknown = JSON.parse(await readFile(new URL('order.json', FOLDER), 'utf8'))
  const first = Array.isArray(order) ? order.map((name) => `${String(name)}.yaml`) : []
  const present = (await readdir(FOLDER)).filter((file) => file.endsWith('.yaml')).sort()
  const files = [...first.filter((file) => present.includes(file)), ...present.filter((file) => !first.includes(file))]
  return Promise.all(
    files.map(async (file) => {
      const text = await readFile(new URL(file, FOLDER), 'utf8')
      const about = text.split('\n').find((line) => line.startsWith('# ') && !line.includes('yaml-language-server')) ?? ''
      return { name: file.slice(0, -'.yaml'.length), about: about.slice(2), text }
    }),
  )
}

export const run: Run = async (call) => {
  const { flags, io } = call
  const known = await templates()
  if (flags.on('list')) {
    await show(call, { v: 1, templates: known.map(({ name, about }) => ({ name, about })) }, () =>
      columns(known.map(({ name, about }) => [name, about])),
    )
    return 0
  }
  const wanted = call.args[0]
  const template = wanted === undefined ? known[0] : known.find((candidate) => candidate.name === wanted)
  if (!template) {
    const near = suggest(
      wanted ?? '',
      known.map(({ name }) => name),
    )
    throw new DevclusterError('USAGE', `there is no template ${wanted ?? ''}`, {
      hint: near ? `did you mean ${near}?` : `one of ${known.map(({ name }) => name).join(', ')}`,
    })
  }
  const output = flags.text('output') ?? 'devcluster.yaml'
  if (output === '-') {
    await io.out(template.text)
    return 0
  }
  const path = resolve(io.cwd, output)
  try {
    await writeFile(path, template.text, { flag: flags.on('force') ? 'w' : 'wx' })
  } catch (error) {
    if (hasErrno(error, 'EEXIST'))
      throw new DevclusterError('USAGE', `${path} is there already`, { hint: 'add --force to replace it, or -o to write elsewhere' })
    throw new DevclusterError('USAGE', `${path} cannot be written`, { cause: error })
  }
  await showNews(call, { v: 1, file: path, template: template.name }, () => `wrote ${output} (${template.about})\nnext: devcluster up`)
  return 0
}
