// The start script of a container: java directly on the image's jars, without the image's two extra JVM runs. Text only.
import type { StorageFile } from './storage.ts'

export interface StartScript {
  readonly configDir: string
  readonly dataDir: string
  readonly clusterId: string
  readonly heapFlags: readonly string[]
  readonly vmFlags: readonly string[]
  readonly logFlag: string
  /** Files below `<configDir>/storage` that belong into an empty data directory; empty in ZooKeeper mode. */
  readonly storage: readonly StorageFile[]
  /** The image's entrypoint can take over (it cannot in ZooKeeper mode). */
  readonly fallback: boolean
}

const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * The class path is built exactly as bin/kafka-run-class.sh builds it (prefix, glob order, filter), but without a process per jar:
 * the image's start-up archive is bound to these strings.
 */
export function startScript(script: StartScript): string {
  return `#!/bin/bash
# Made by devcluster. Starts Kafka from the image's own jars; whatever is not as expected goes to the image's own entrypoint.
config=${quote(script.configDir)}
data=${quote(script.dataDir)}
base=/opt/kafka/bin/..

other_way() {
${
  script.fallback
    ? `  echo "devcluster: $1: starting by the image's own entrypoint"
  export CLUSTER_ID=${quote(script.clusterId)}
  export KAFKA_HEAP_OPTS=${quote(script.heapFlags.join(' '))}
  export KAFKA_LOG4J_OPTS=${quote(script.logFlag)}
  mkdir -p /mnt/shared/config && cp "$config/server.properties" /mnt/shared/config/server.properties && exec /etc/kafka/docker/run
  echo "devcluster: the image has no usable /etc/kafka/docker/run either"
  exit 1`
    : `  echo "devcluster: $1, and the image's own entrypoint knows no ZooKeeper mode"
  exit 1`
}
}

java=java
[[ -n $JAVA_HOME ]] && java=$JAVA_HOME/bin/java
type -P "$java" >/dev/null || other_way "no java in the image"
[[ -d /opt/kafka/libs ]] || other_way "no /opt/kafka/libs in the image"
[[ -w $data ]] || other_way "$data is not writable"

shopt -s nullglob
classpath=
core=
for jar in "$base"/libs/*; do
  case $jar in
    *-test.jar | *-test-sources.jar | *-src.jar | *-scaladoc.jar | *-javadoc.jar | *jar.asc | *connect-file*.jar) continue ;;
    */kafka_2.13-*.jar) core=$jar ;;
  esac
  classpath=$classpath:$jar
done
[[ -n $core ]] || other_way "no kafka_2.13 jar in /opt/kafka/libs"
${
  script.storage.length === 0
    ? ''
    : `
if [[ ! -e $data/meta.properties ]]; then
${storageCopies(script.storage).join('\n')}
  true || other_way "$data cannot be prepared"
fi
`
}
archive=()
[[ -r /opt/kafka/kafka.jsa ]] && archive=(-XX:SharedArchiveFile=/opt/kafka/kafka.jsa -Xshare:auto)
echo "devcluster: starting from the image's jars, \${archive[0]:-without a start-up archive}"
exec "$java" ${[...script.heapFlags, ...script.vmFlags, script.logFlag].map(quote).join(' ')} "\${archive[@]}" -cp "\${classpath#:}" kafka.Kafka "$config/server.properties"
`
}

/** meta.properties is first in the list and copied last: it marks the directory as complete. */
function storageCopies(files: readonly StorageFile[]): string[] {
  return [...files].reverse().flatMap(({ path }) => {
    const folder = path.includes('/') ? [`  mkdir -p "$data/${path.slice(0, path.lastIndexOf('/'))}" &&`] : []
    return [...folder, `  cp "$config/storage/${path}" "$data/${path}" &&`]
  })
}
