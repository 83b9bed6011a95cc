#!/bin/sh
# Builds the archive of this checkout's commit in a fresh clone and compares its bytes with those of another build.
# Usage: dist/compare-builds.sh [ARCHIVE], the other build of the same commit; without it another clone is built.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

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

if [ $# -gt 0 ]; then
  first=$1
else
  build one 022
  first=$(echo "$work"/one/dist/target/flowmeter-*.tar.gz)
fi
build another 077
second=$(echo "$work"/another/dist/target/flowmeter-*.tar.gz)

files() {
  mkdir "$work/$1"
  tar -xzf "$2" -C "$work/$1"
  (cd "$work/$1" && find . -type f -exec sha256sum {} + | sort -k 2) >"$work/$1.files"
}

if ! cmp "$first" "$second"; then
  files first "$first"
  files second "$second"
  diff "$work/first.files" "$work/second.files" >&2 || true
  printf 'compare-builds: two builds of one commit differ; expected the same bytes. The files that differ are above.\n' >&2
  exit 1
fi
printf 'Two builds of commit %s are the same: %s bytes\n' "$(git -C "$root" rev-parse --short=12 HEAD)" "$(wc -c <"$first")"
