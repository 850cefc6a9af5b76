#!/bin/sh
# Links connect4-redirect and as much of the JDK as it needs into one folder, which needs no other
# Java: runtime.sh FOLDER [MODULE_PATH]
# FOLDER must not exist. MODULE_PATH is where the modules are; the jars of this checkout if left out,
# which "mvn -Dquick package" makes. JAVA_HOME names the JDK, 25 or later, whose jlink is used.
set -eu

folder=$1
root=$(CDPATH='' cd -- "$(dirname "$0")/../.." && pwd -P)
if [ $# -gt 1 ]; then
  modules=$2
else
  version=$(sed -n '/<version>/{s/.*<version>\(.*\)<\/version>.*/\1/p;q;}' "$root/pom.xml")
  modules=
  for module in bpf-asm bpf-syscall connect4-redirect; do
    modules=$modules${modules:+:}$root/$module/target/$module-$version.jar
  done
fi

# The options are those of bin/connect4-redirect: a small heap that is seldom full wants no other
# collector and no second compiler. Without the figures of the JVM nothing is written to /tmp.
"${JAVA_HOME:+$JAVA_HOME/bin/}jlink" \
  --module-path "$modules" \
  --add-modules io.github.purebpf.redirect \
  --launcher connect4-redirect=io.github.purebpf.redirect/io.github.purebpf.redirect.cli.Main \
  --add-options='-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:-UsePerfData --enable-native-access=io.github.purebpf.syscall' \
  --no-header-files --no-man-pages \
  --output "$folder"
