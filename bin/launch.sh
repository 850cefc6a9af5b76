# The common part of the launchers, which source it. Runs a command from a checkout: finds a JDK,
# builds what is missing or stale, starts it.
# PUREBPF_JAVA_HOME names the JDK to use, if the one that is found is not the right one.
#
# A launcher sets
#   root      the directory of the checkout
#   command   what the command is called
#   modules   what it is made of, the module with its main class last
#   main      MODULE/CLASS
#   options   more options of java
#   training  MODULE/CLASS of what the command is trained with, see below; may be left out
# and says: launch "$@"
#
# It starts few processes, because each takes as long as a good part of the command itself.

least_java=25

say() {
  echo "$command: $*" >&2
}

# Sets major and release: the version of the JDK in directory $1, or nothing. A "release" file is
# read because that takes no time; asking java itself takes a good part of a second.
ask_jdk() {
  major=
  release=
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] || return 0
  if [ -r "$1/release" ]; then
    while IFS='=' read -r name value; do
      value=${value#\"}
      case $name in
        JAVA_VERSION) major=${value%%[!0-9]*} ;;
        JAVA_RUNTIME_VERSION) release=${value%\"} ;;
      esac
    done <"$1/release"
  fi
  if [ -z "$major" ]; then
    major=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([0-9][0-9]*\).*/\1/p')
  fi
}

# Takes the JDK in directory $1, if it is one and new enough.
take_jdk() {
  [ -n "$1" ] || return 1
  ask_jdk "$1"
  [ -n "$major" ] && [ "$major" -ge "$least_java" ] || return 1
  jdk=$1
}

# The JDK whose java is on the PATH: two directories above the file behind all links.
jdk_on_path() {
  java=$(command -v java) || return 0
  java=$(readlink -f "$java" 2>/dev/null) || return 0
  java=${java%/*}
  echo "${java%/*}"
}

# Sets jdk.
find_jdk() {
  if [ -n "${PUREBPF_JAVA_HOME:-}" ]; then
    take_jdk "$PUREBPF_JAVA_HOME" && return 0
    say "PUREBPF_JAVA_HOME=$PUREBPF_JAVA_HOME is no JDK $least_java or later"
    return 1
  fi
  take_jdk "${JAVA_HOME:-}" && return 0
  take_jdk "$(jdk_on_path)" && return 0
  # Under sudo, the JDKs of the user who called it count as well.
  home=${HOME:-/nonexistent}
  caller=$(getent passwd "${SUDO_USER:-}" 2>/dev/null | cut -d: -f6)
  for place in /usr/lib/jvm/* /opt/* "$home"/.sdkman/candidates/java/* "$home"/.jdks/* \
    "${caller:-$home}"/.sdkman/candidates/java/* "${caller:-$home}"/.jdks/*; do
    take_jdk "$place" && return 0
  done
  say "no JDK $least_java or later found; install one, or set PUREBPF_JAVA_HOME to its directory"
  return 1
}

# Sets version: that of the checkout, the first of its pom.xml.
find_version() {
  version=
  while [ -z "$version" ] && read -r line; do
    case $line in
      *'<version>'*'</version>'*)
        version=${line#*<version>}
        version=${version%%</version>*}
        ;;
    esac
  done <"$root/pom.xml"
}

# Sets jar: that of module $1.
find_jar() {
  jar=$root/$1/target/$1-$version.jar
}

# Whether a jar is missing, or a source is newer than the jar that is built last.
stale() {
  sources=pom.xml
  for module in $modules; do
    find_jar "$module"
    [ -f "$jar" ] || return 0
    sources="$sources $module/pom.xml $module/src/main"
  done
  # shellcheck disable=SC2086 # a list; jar is that of the last module
  newer=$(cd "$root" && find $sources -newer "$jar" 2>/dev/null | head -n 1)
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

# The JVM starts in half the time with an AOT cache (JEP 483, 514): the classes that a training has
# used, loaded and linked. It is of one JDK and of these jars, and lies in the folder "target" of the
# last module. It is made in the background when it is missing, and never stands in the way: a JVM
# that cannot use it does without it and says nothing.

# Sets folder and cache. An empty one is one that could not be made. Root is trained with what takes
# privileges, and so has a cache of its own.
find_cache() {
  folder=$root/$last/target/start$jdk
  who=user
  # shellcheck disable=SC3067 # of dash, bash and busybox
  [ -O / ] && who=root
  cache=$folder/$release-$who.aot
}

cache_is_stale() {
  [ -e "$cache" ] || return 0
  for module in $modules; do
    find_jar "$module"
    # shellcheck disable=SC3013 # of dash, bash and busybox
    [ "$jar" -nt "$cache" ] && return 0
  done
  return 1
}

# Whoever comes while another is at it leaves it to that one.
train() {
  flock -n 9 || return 0
  cache_is_stale || return 0
  rm -f "$cache.new"
  # shellcheck disable=SC2086 # a list
  nice timeout 120 "$jdk/bin/java" -XX:AOTCacheOutput="$cache.new" \
    -XX:+UnlockDiagnosticVMOptions -XX:-AOTRecordTraining $tuning $options \
    --module-path "$module_path" --module "$training" || :
  [ -s "$cache.new" ] || : >"$cache.new"
  mv -f "$cache.new" "$cache"
}

launch() {
  find_jdk || exit 1
  find_version
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
    find_jar "$module"
    module_path=$module_path${module_path:+:}$jar
  done
  # A command ends, or rests, before it would pay to compile more of it. For the same reason the
  # cache is without the profiles of JEP 515, by which the JVM would compile at once.
  tuning="-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:CompileThresholdScaling=10"
  cache=
  if [ -n "${training:-}" ] && [ -n "$release" ]; then
    find_cache
    if cache_is_stale; then
      if mkdir -p "$folder" 2>/dev/null && [ -w "$folder" ] && command -v flock >/dev/null; then
        train 9>"$folder/lock" </dev/null >/dev/null 2>&1 &
      fi
      cache=
    elif [ ! -s "$cache" ]; then
      cache=
    fi
  fi
  # shellcheck disable=SC2086 # lists
  exec "$jdk/bin/java" $tuning ${cache:+"-XX:AOTCache=$cache" -Xlog:aot=off -Xlog:cds=off} \
    $options --module-path "$module_path" --module "$main" "$@"
}
