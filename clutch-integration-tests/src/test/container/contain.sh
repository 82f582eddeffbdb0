#!/bin/sh
# Runs a command as the container of docs/kubernetes.yaml does: as process 1, as a user without any
# rights, on file systems that are read-only, but for an empty /tmp. The network is the machine's.
#
#   contain.sh DISTRIBUTION JAVA_HOME COMMAND…
#
# finds Clutch in /mnt/clutch and Java on the PATH. For root on Linux.
set -eu

# shellcheck disable=SC2016 # that is for the inner shell
exec unshare --mount --pid --ipc --fork sh -euc '
  mount -t proc proc /proc
  cut -d " " -f 2 /proc/mounts | grep -vx /proc | while read -r place; do
    # Those that are hidden under others cannot be had, nor need they.
    mount -o remount,bind,ro "$(printf %b "$place")" 2>/dev/null || :
  done
  mount -t tmpfs tmpfs /mnt
  mkdir /mnt/clutch /mnt/java
  mount --bind "$1" /mnt/clutch
  mount --bind "$2" /mnt/java
  shift 2
  mount -o remount,ro /mnt
  mount -t tmpfs -o mode=0777,size=64m tmpfs /tmp
  for place in / /var/tmp /dev/shm /mnt /mnt/clutch; do
    [ ! -w "$place" ] || { echo "contain.sh: $place is writable" >&2; exit 1; }
  done
  cd /
  exec env -i PATH=/mnt/java/bin:/usr/bin:/bin JAVA_OPTS="${JAVA_OPTS-}" \
    setpriv --pdeathsig KILL --reuid 10001 --regid 10001 --clear-groups \
      --no-new-privs --inh-caps=-all --bounding-set=-all "$@"
' contain "$@"
