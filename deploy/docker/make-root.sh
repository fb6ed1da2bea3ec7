#!/bin/sh
# make-root.sh FOLDER PROGRAM...: fills FOLDER with what the programs need to run, and nothing else: the shared
# libraries that they load, the loader, time zones, a user without rights. Runs in the image build only.
#
# For each package that gave a file, its licence and its entry of dpkg's database go along (in status.d, where scanners
# of images look), so that a library with a known fault is found.
set -eu

root=$1
shift

# Debian 12 is merged: /lib and /lib64 are links into /usr.
mkdir -p "$root/etc" "$root/tmp" "$root/usr/bin" "$root/usr/lib" "$root/usr/lib64" "$root/usr/share" "$root/var/lib/dpkg/status.d"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"
chmod 1777 "$root/tmp"

# copy FILE: under the same name, and what it links to.
copy() {
  mkdir -p "$root$(dirname "$1")"
  [ -e "$root$1" ] || cp -L --preserve=mode,timestamps "$1" "$root$1"
}

ldd "$@" | awk '/=> not found/ { print "missing: " $1 > "/dev/stderr"; exit 1 } /=> \// { print $3 } /^\t\// { print $1 }' |
  sort -u >/tmp/libraries
while read -r library; do
  copy "$library"
done </tmp/libraries

cp -a /usr/share/zoneinfo "$root/usr/share/"
rm -rf "$root/usr/share/zoneinfo/right" "$root/usr/share/zoneinfo/posix"
copy /etc/os-release
copy /etc/debian_version
echo 'loyalty:x:65532:65532::/nonexistent:/usr/sbin/nologin' >"$root/etc/passwd"
echo 'loyalty:x:65532:' >"$root/etc/group"
echo 'hosts: files dns' >"$root/etc/nsswitch.conf"

# Which package a file is of: dpkg knows some by their name below /lib and some by that below /usr/lib.
{
  echo tzdata
  echo base-files
  while read -r library; do
    real=$(readlink -f "$library")
    { dpkg-query --search "$real" 2>/dev/null || dpkg-query --search "${real#/usr}"; } | sed 's/:.*//'
  done </tmp/libraries
} | sort -u >/tmp/packages
while read -r package; do
  dpkg-query --status "$package" >"$root/var/lib/dpkg/status.d/$package"
  [ ! -e "/usr/share/doc/$package/copyright" ] || copy "/usr/share/doc/$package/copyright"
done </tmp/packages
