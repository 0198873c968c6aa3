#!/bin/bash
# zkServer.sh start-foreground | status | version, as in the release; background forms are of no use in a container.
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/zkEnv.sh"

jmx=()
if [ "${JMXDISABLE:-false}" = false ]; then
  echo "ZooKeeper JMX enabled by default" >&2
  jmx=(-Dcom.sun.management.jmxremote "-Dcom.sun.management.jmxremote.local.only=${JMXLOCALONLY:-false}")
  if [ -n "$JMXPORT" ]; then
    jmx=(-Dcom.sun.management.jmxremote "-Dcom.sun.management.jmxremote.port=$JMXPORT" "-Dcom.sun.management.jmxremote.authenticate=${JMXAUTH:-false}" "-Dcom.sun.management.jmxremote.ssl=${JMXSSL:-false}")
    [ -z "$JMXHOSTNAME" ] || jmx+=("-Djava.rmi.server.hostname=$JMXHOSTNAME")
  fi
fi
case $2 in
  '') ;;
  /*) ZOOCFG=$2 ;;
  *) ZOOCFG=$ZOOCFGDIR/$2 ;;
esac
echo "Using config: $ZOOCFG" >&2

case $1 in
  start-foreground)
    exec "$JAVA" "-Dzookeeper.log.dir=$ZOO_LOG_DIR" "-Dzookeeper.log.file=zookeeper-$USER-server-$HOSTNAME.log" \
      -XX:+HeapDumpOnOutOfMemoryError '-XX:OnOutOfMemoryError=kill -9 %p' \
      -cp "$CLASSPATH" $SERVER_JVMFLAGS $JVMFLAGS "${jmx[@]}" org.apache.zookeeper.server.quorum.QuorumPeerMain "$ZOOCFG"
    ;;
  status)
    port=$(sed -n 's/^[[:space:]]*clientPort=//p' "$ZOOCFG")
    if [ -z "$port" ]; then
      data=$(sed -n 's/^[[:space:]]*dataDir=//p' "$ZOOCFG")
      port=$(sed -n "s/^[[:space:]]*server\\.$(cat "$data/myid")=.*;//p" "$ZOOCFG" "$ZOOCFG".dynamic* 2> /dev/null | head -n 1)
      port=${port##*:}
    fi
    echo "Client port found: $port. Client address: localhost. Client SSL: false."
    mode=$("$JAVA" -cp "$CLASSPATH" $CLIENT_JVMFLAGS $JVMFLAGS org.apache.zookeeper.client.FourLetterWordMain localhost "$port" srvr false 2> /dev/null | grep Mode)
    if [ -z "$mode" ]; then
      echo "Error contacting service. It is probably not running."
      exit 1
    fi
    echo "$mode"
    ;;
  version)
    exec "$JAVA" -cp "$CLASSPATH" org.apache.zookeeper.version.VersionInfoMain 2> /dev/null
    ;;
  *)
    echo "Usage: $0 {start-foreground|status|version} [zoo.cfg]" >&2
    exit 1
    ;;
esac
