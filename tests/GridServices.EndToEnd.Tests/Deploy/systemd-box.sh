#!/usr/bin/env bash
# The first process of a PID namespace: lays out a machine of its own around FOLDER and becomes its systemd. Nothing of the real machine's
# units is known to it, so nothing of it is started; /etc, /opt, /run, /tmp, /var/lib and /var/backups are FOLDER's.
set -eu
folder=$1
mount --make-rprivate /
mkdir -p "$folder"/{etc,opt,lib,backups,log,units}
cp -a /etc/. "$folder/etc/"
rm -rf "$folder/etc/systemd/system"
mkdir -p "$folder/etc/systemd/system"
for target in sysinit basic shutdown network-online time-sync multi-user box; do
  printf '[Unit]\nDescription=%s\nDefaultDependencies=no\n' "$target" >"$folder/units/$target.target"
done
# There is no journal here.
mkdir -p "$folder/units/gridservices-.service.d"
printf '[Service]\nTimeoutStopSec=10min\nStandardOutput=append:/run/box/log/%%N.log\nStandardError=append:/run/box/log/%%N.log\n' >"$folder/units/gridservices-.service.d/90-log.conf"

mount -t tmpfs none /run
mkdir -p /run/box /run/systemd/system /run/lock
mount --bind "$folder" /run/box
mount --bind /run/box/etc /etc
mount --bind /run/box/opt /opt
mount --bind /run/box/lib /var/lib
mkdir -p /var/backups
mount --bind /run/box/backups /var/backups
umount -R /sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 none /sys/fs/cgroup
mount -t tmpfs -o mode=1777 none /tmp
# As on a real machine: what systemd mounts for a service (its credentials) is seen by it.
mount --make-rshared /
exec env -i container=box PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  SYSTEMD_UNIT_PATH=/etc/systemd/system:/run/box/units SYSTEMD_GENERATOR_PATH=/nonexistent SYSTEMD_ENVIRONMENT_GENERATOR_PATH=/nonexistent \
  /usr/lib/systemd/systemd --system --unit=box.target --show-status=no
