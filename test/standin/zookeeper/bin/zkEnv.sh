#!/bin/bash
# Sourced: where the configuration is, the class path (configuration first), heap sizes in MB.
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
ZOOCFGDIR=${ZOOCFGDIR:-$home/conf}
[ ! -e "$ZOOCFGDIR/java.env" ] || . "$ZOOCFGDIR/java.env"
ZOOCFG=$ZOOCFGDIR/${ZOOCFG:-zoo.cfg}
ZOO_LOG_DIR=${ZOO_LOG_DIR:-$home/logs}
for jar in "$home"/lib/*.jar; do
  CLASSPATH="$CLASSPATH:$jar"
done
CLASSPATH=$ZOOCFGDIR$CLASSPATH
JAVA=${JAVA_HOME:+$JAVA_HOME/bin/}java
SERVER_JVMFLAGS="-Xmx${ZK_SERVER_HEAP:-1000}m $SERVER_JVMFLAGS"
CLIENT_JVMFLAGS="-Xmx${ZK_CLIENT_HEAP:-256}m $CLIENT_JVMFLAGS"
