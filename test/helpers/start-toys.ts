// A program that starts three toy nodes as processes and then waits: tests kill it at any moment. Arguments: cluster id, state folder, toy script.
import { createProcessRuntime } from '../../src/runtimes/process/index.ts'
import { specOf, toyShape } from '../conformance/worlds.ts'
import { node as plainNode } from './nodes.ts'

const [id = '', stateDir = '', script = ''] = process.argv.slice(2)
const runtime = createProcessRuntime()
const cluster = { id, name: 'sweep', stateDir, bind: '127.0.0.1', mirrors: {} }
const shapes = [1, 2, 3].map((index) => toyShape(index))
const observed = await runtime.observe(cluster)
const placement = await runtime.place(cluster, specOf(cluster), shapes, { observed })
process.stdout.write('begins\n')
await Promise.all(
  shapes.map(async (shape) => {
    const place = placement[shape.id]
    if (!place) throw new Error('no place')
    const port = String(place.ports['client']?.listen.port)
    await runtime.start(
      cluster,
      {
        ...plainNode(shape.id),
        shape,
        place,
        launch: {
          via: 'process',
          distribution: { from: 'path', id: 'node', program: process.execPath, hint: '' },
          program: { type: 'native', args: [script] },
        },
        env: { TOY_ID: shape.id, TOY_PORT: port, TOY_DATA: place.dirs.data },
      },
      new AbortController().signal,
    )
  }),
)
process.stdout.write('done\n')
setInterval(() => undefined, 60_000)
