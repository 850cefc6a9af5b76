# The common part of the launchers, which source it. Runs a command from a checkout: finds a JDK,
# builds what is missing or stale, starts it.
# PUREBPF_JAVA_HOME names the JDK to use, if the one that is found is not the right one.
#
# A launcher sets
#   root     the directory of the checkout
#   command  what the command is called
#   modules  what it is made of, the module with its main class last
#   main     MODULE/CLASS
#   options  more options of java
# and says: launch "$@"

least_java=25

say() {
  echo "$command: $*" >&2
}

# The first number of the version of the JDK in directory $1, or nothing. A "release" file is read
# because that takes no time; asking java itself takes a good part of a second.
java_major() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  version=
  if [ -r "$1/release" ]; then
    version=$(sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9]*\).*/\1/p' "$1/release")
  fi
  if [ -z "$version" ]; then
    version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9][0-9]*\).*/\1/p')
  fi
  echo "$version"
}

suits() {
  major=$(java_major "$1")
  [ -n "$major" ] && [ "$major" -ge "$least_java" ]
}

# The JDK whose java is on the PATH: two directories above the file behind all links.
jdk_on_path() {
  java=$(command -v java) || return 0
  java=$(readlink -f "$java" 2>/dev/null) || return 0
  dirname "$(dirname "$java")"
}

find_jdk() {
  if [ -n "${PUREBPF_JAVA_HOME:-}" ]; then
    suits "$PUREBPF_JAVA_HOME" && echo "$PUREBPF_JAVA_HOME" && return 0
    say "PUREBPF_JAVA_HOME=$PUREBPF_JAVA_HOME is no JDK $least_java or later"
    return 1
  fi
  # Under sudo, the JDKs of the user who called it count as well.
  home=${HOME:-/nonexistent}
  caller=$(getent passwd "${SUDO_USER:-}" 2>/dev/null | cut -d: -f6)
  for jdk in "${JAVA_HOME:-}" "$(jdk_on_path)" /usr/lib/jvm/* /opt/* \
    "$home"/.sdkman/candidates/java/* "$home"/.jdks/* \
    "${caller:-$home}"/.sdkman/candidates/java/* "${caller:-$home}"/.jdks/*; do
    if [ -n "$jdk" ] && suits "$jdk"; then
      echo "$jdk"
      return 0
    fi
  done
  say "no JDK $least_java or later found; install one, or set PUREBPF_JAVA_HOME to its directory"
  return 1
}

jar_of() {
  echo "$root/$1/target/$1-$version.jar"
}

# Whether a jar is missing, or a source is newer than the jar that is built last.
stale() {
  sources=pom.xml
  for module in $modules; do
    [ -f "$(jar_of "$module")" ] || return 0
    sources="$sources $module/pom.xml $module/src/main"
  done
  # shellcheck disable=SC2086 # a list
  newer=$(cd "$root" && find $sources -newer "$(jar_of "$last")" 2>/dev/null | head -n 1)
  [ -n "$newer" ]
}

# Root, through sudo, builds as the owner of the checkout, so that the owner can build it again.
as_owner() {
  owner=$(stat -c %U "$root")
  if [ "$(id -u)" = 0 ] && [ "$owner" != root ] && command -v runuser >/dev/null; then
    runuser -u "$owner" -- env HOME="$(getent passwd "$owner" | cut -d: -f6)" "$@"
  else
    "$@"
  fi
}

build() {
  say "building it first, which takes up to a minute"
  if ! command -v mvn >/dev/null; then
    say "Maven is needed to build it and there is no mvn on the PATH; install Maven 3.8.7 or later"
    return 1
  fi
  for module in $modules; do
    if ! as_owner mkdir -p "$root/$module/target" 2>/dev/null || [ ! -w "$root/$module/target" ]; then
      say "cannot write to $root/$module; run it once as the owner of $root, who can build it"
      return 1
    fi
  done
  if ! (cd "$root" && as_owner env JAVA_HOME="$jdk" mvn -q -B -Dstyle.color=never -Dquick -pl "$last" -am package) </dev/null >&2; then
    say "the build failed, see above; try again with: cd $root && mvn -Dquick package"
    return 1
  fi
}

launch() {
  jdk=$(find_jdk) || exit 1
  version=$(sed -n '/<version>/{s/.*<version>\(.*\)<\/version>.*/\1/p;q;}' "$root/pom.xml")
  last=${modules##* }
  if stale; then
    if command -v flock >/dev/null; then
      # Another process may be at it; whoever comes second finds the work done.
      (
        flock 9
        ! stale || build
      ) 9<"$root/pom.xml" || exit 1
    else
      build || exit 1
    fi
  fi

  module_path=
  for module in $modules; do
    module_path=$module_path${module_path:+:}$(jar_of "$module")
  done
  # shellcheck disable=SC2086 # a list
  exec "$jdk/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xshare:auto \
    $options --module-path "$module_path" --module "$main" "$@"
}
