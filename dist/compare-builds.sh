#!/bin/sh
# Builds the archive of this checkout's commit in two fresh clones and compares the bytes.
# Usage: dist/compare-builds.sh [FOLDER], which gets the clones; without it a temporary one that is removed.
# What Maven has to download should be in the local repository before, for the two run at the same time.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
if [ $# -gt 0 ]; then
  mkdir -p "$1"
  work=$(CDPATH='' cd "$1" && pwd -P)
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# Another folder, another umask and another time of day must make no difference.
build() {
  git clone -q "$root" "$work/$1"
  umask "$2"
  mvn -B -q -f "$work/$1/pom.xml" -pl dist -am -Dmaven.test.skip=true -Dspotless.check.skip=true \
    -Dclickhouse.engine.skip=true package >"$work/$1.log" 2>&1 || {
    tail -n 30 "$work/$1.log" >&2
    printf 'compare-builds: the build in %s failed\n' "$work/$1" >&2
    return 1
  }
}

build one 022 &
one=$!
build the-other 077
wait "$one"

first=$(echo "$work"/one/dist/target/flowmeter-*.tar.gz)
second=$(echo "$work"/the-other/dist/target/flowmeter-*.tar.gz)
if ! cmp "$first" "$second"; then
  for archive in "$first" "$second"; do
    mkdir -p "$archive.unpacked"
    tar -xzf "$archive" -C "$archive.unpacked"
    (cd "$archive.unpacked" && find . -type f -exec sha256sum {} + | sort -k 2) >"$archive.files"
  done
  diff "$first.files" "$second.files" >&2 || true
  printf 'compare-builds: two builds of one commit differ; expected the same bytes. The files that differ are above.\n' >&2
  exit 1
fi
printf 'Two builds of commit %s are the same: %s bytes\n' "$(git -C "$root" rev-parse --short=12 HEAD)" "$(wc -c <"$first")"
