// What the image's start script costs by itself: run in a throw-away container with a Java that does nothing.
import { docker, LABEL } from './docker.mjs'
import { median } from './stats.mjs'

const SCRIPT = `mkdir -p /tmp/none/bin && ln -s /bin/true /tmp/none/bin/java
for i in 1 2 3 4 5 6; do
  begin=$(date +%s%N)
  JAVA_HOME=/tmp/none /opt/kafka/bin/kafka-run-class.sh kafka.Kafka > /dev/null 2>&1
  echo $((($(date +%s%N) - begin) / 1000))
done`

/** @returns ms per call, or undefined where the image has no such script */
export async function wrapperMs(context, image) {
  const label = `${LABEL}=${context.id}`
  const out = await docker(context.env, 'run', '--rm', '--label', label, '--entrypoint', 'bash', image, '-c', SCRIPT).catch(() => '')
  // The first call also reads the folder from disk.
  const values = out.split('\n').map(Number).filter(Boolean).slice(1)
  return values.length > 0 ? median(values) / 1000 : undefined
}
