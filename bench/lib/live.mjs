// Three brokers that several rows look at: started once as processes, ended with the run.
import { freePorts, range } from './ports.mjs'

/** @returns file, name and ports of a running cluster of three brokers with a replicated topic */
export async function threeBrokers(context, name) {
  const { devcluster } = context
  const ports = range(await freePorts(3), 3)
  const file = devcluster.file(name, {
    runtime: 'process',
    services: { kafka: { version: '4.3', brokers: 3, port: ports[0], topics: { orders: '6:3' } } },
  })
  await devcluster.warm('kafka-dedicated', file, name)
  const { judge } = context
  const usable = judge.watch({ kind: 'kafka', ports, topic: 'orders' })
  await devcluster.cli(['up', '-f', file])
  await usable
  return { file, name, ports }
}
