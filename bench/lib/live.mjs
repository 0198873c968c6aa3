// Running brokers as processes that rows look at, with their topics in place; ended when the row is over.
import { freePorts, range } from './ports.mjs'

/** @returns file, name and ports of a running cluster in which these topics serve */
export async function runningKafka(context, name, { brokers, topics }) {
  const { devcluster } = context
  const ports = range(await freePorts(brokers), brokers)
  const file = devcluster.file(name, { runtime: 'process', services: { kafka: { version: '4.3', brokers, port: ports[0], topics } } })
  await devcluster.warm(`kafka-${brokers > 1 ? 'dedicated' : 'combined'}`, file, name)
  await devcluster.cli(['up', '-f', file])
  return { file, name, ports }
}

/** Three brokers and a controller with one topic that all of them hold. */
export const threeBrokers = (context, name) => runningKafka(context, name, { brokers: 3, topics: { orders: '6:3' } })
