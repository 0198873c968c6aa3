#!/bin/bash
# The interactive client.
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/zkEnv.sh"
exec "$JAVA" "-Dzookeeper.log.dir=$ZOO_LOG_DIR" -cp "$CLASSPATH" $CLIENT_JVMFLAGS $JVMFLAGS org.apache.zookeeper.ZooKeeperMain "$@"
