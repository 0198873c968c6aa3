#!/bin/bash
# Asks every Kafka node of this container to stop.
pids=$(ps ax | grep ' kafka\.Kafka ' | grep java | grep -v grep | awk '{print $1}')
if [ -z "$pids" ]; then
  echo "No kafka server to stop"
  exit 1
fi
kill -s "${SIGNAL:-TERM}" $pids
