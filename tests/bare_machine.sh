#!/bin/bash
# The README's two commands on a bare Debian 12, as a stranger would give them.
#
#   tests/bare_machine.sh [demo|test|all] [FOLDER]
#
# Makes a root file system with debootstrap from this machine's own package source, clones the
# repository as it is committed into the private home of its root, where the servers' user cannot
# go, and runs `make demo` (until the page is served and the state is up, then stops it) and
# `make test` there. Needs root. FOLDER is kept if it is named, and used again; KEEP=1 keeps a
# temporary one. How packages are reached (sources, proxies, certificates, pip and npm settings) is
# read from this machine when it runs; nothing of it is written here.
set -euo pipefail

release=bookworm
repository=$(cd "$(dirname "$0")/.." && pwd)
what=${1:-all}
folder=${2:-}
carried='^(PIP_|NPM_|npm_config_|NODE_|SSL_|CURL_CA|REQUESTS_CA|GIT_SSL|https?_proxy|HTTPS?_PROXY|no_proxy|NO_PROXY|CI$)'

say() { printf '\n-- %s\n' "$*"; }
fail() { echo "bare_machine: $*" >&2; exit 1; }

[ "$(id -u)" -eq 0 ] || fail "needs root"
for program in debootstrap unshare git python3; do
    command -v $program >/dev/null || fail "$program is missing: apt-get install debootstrap git"
done

# Everything below happens in mount and process namespaces of its own: when it ends, however it
# ends, no process and no mount is left.
if [ -z "${BARE_INSIDE:-}" ]; then
    if [ -z "$folder" ]; then
        folder=$(mktemp -d "${TMPDIR:-/var/tmp}/bare-debian-XXXXXX")
        if [ -z "${KEEP:-}" ]; then trap 'rm -rf --one-file-system "$folder"' EXIT; fi
    fi
    mkdir -p "$folder"
    chmod 755 "$folder"
    BARE_INSIDE=1 unshare --mount --propagation private --pid --fork --mount-proc --kill-child \
        bash "$0" "$what" "$folder"
    exit
fi

sources() {
    # deb lines of the machine's own Debian archive, whatever form its sources have.
    apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)|$(ORIGIN)|$(CODENAME)' \
        'Created-By: Packages' | sed -n "s/^\(.*\)|Debian|$release[a-z-]*\$/\1/p" | sort -u
}

make_root() {
    [ -e "$folder/etc/debian_version" ] && return
    say "debootstrap of $release into $folder"
    mirror=$(sources | awk -v release="$release" '$3 == release { print $2; exit }')
    [ -n "$mirror" ] || { apt-get update -qq &&
        mirror=$(sources | awk -v release="$release" '$3 == release { print $2; exit }'); }
    [ -n "$mirror" ] || fail "this machine has no package source for Debian $release"
    # What a stranger has who could clone: git and make; nothing else is added.
    debootstrap --variant=minbase --include=ca-certificates,git,make \
        "$release" "$folder" "$mirror" >"$folder.debootstrap.log" 2>&1 ||
        { tail -20 "$folder.debootstrap.log"; fail "debootstrap failed"; }
    rm -f "$folder.debootstrap.log"
    sources >"$folder/etc/apt/sources.list"
}

carry_settings() {
    cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
    cp /etc/hosts "$folder/etc/hosts"
    apt-config dump | grep -E '^Acquire::(http|https)(::|\b)' >"$folder/etc/apt/apt.conf.d/90carried" || :
    if [ -d /etc/apt/auth.conf.d ]; then cp -r /etc/apt/auth.conf.d "$folder/etc/apt/"; fi
    # Certificates of this machine's network, if it has any of its own.
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        mkdir -p "$folder/usr/local/share/ca-certificates"
        cp /usr/local/share/ca-certificates/*.crt "$folder/usr/local/share/ca-certificates/"
    fi
    chroot "$folder" update-ca-certificates >/dev/null 2>&1
    for file in /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf" \
        "$HOME/.npmrc" /etc/npmrc; do
        if [ -f "$file" ]; then
            target=$folder${file/#$HOME//root}
            mkdir -p "${target%/*}"
            # `nodedir` speaks of this machine's own Node.js.
            grep -v '^nodedir' "$file" >"$target" || :
        fi
    done
}

mount_system() {
    mount -t proc proc "$folder/proc"
    mount --rbind /sys "$folder/sys"
    mount --rbind /dev "$folder/dev"
    # Package folders on this machine that pip's settings name; the files of an index lie beside
    # its `simple`.
    { python3 -m pip config list 2>/dev/null || :; } | grep -oE '(file://)?/[^ '"'"']+' |
        sed -e 's,^file://,,' -e 's,/simple/*$,,' | sort -u | while read -r path; do
        [ -d "$path" ] || continue
        mkdir -p "$folder$path"
        mount --bind -o ro "$path" "$folder$path"
    done
}

inside() {
    # A stranger's shell: nothing of this session but how packages are reached.
    local carry=()
    while IFS= read -r name; do carry+=("$name=${!name}"); done < <(compgen -e | grep -E "$carried")
    env -i HOME=/root TERM=dumb LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
        "${carry[@]}" chroot "$folder" /bin/sh -c "cd /root/gridmap && $1"
}

clone() {
    say "clone of $(git -C "$repository" rev-parse --short HEAD)"
    if [ -d "$folder/root/gridmap/.git" ]; then
        git -C "$folder/root/gridmap" pull --quiet --ff-only "$repository" HEAD
    else
        git -c safe.directory='*' clone --quiet --no-hardlinks "file://$repository" "$folder/root/gridmap"
    fi
    chmod 700 "$folder/root"
}

fetch() {
    python3 - "$1" <<'PYTHON'
import sys, urllib.request
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
try:
    with opener.open(sys.argv[1], timeout=10) as reply:
        print(reply.status, len(reply.read()))
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
PYTHON
}

# Start `make demo`, wait until it says that it is up; leaves its process in $demo.
start_demo() {
    log=$folder/root/demo.log
    : >"$log"
    began=$SECONDS
    inside "exec make demo PORT=$port" >"$log" 2>&1 &
    demo=$!
    until grep -q 'gridmap is up' "$log"; do
        kill -0 $demo 2>/dev/null || { tail -40 "$log"; fail "make demo ended"; }
        [ $((SECONDS - began)) -lt 3000 ] || { tail -40 "$log"; fail "make demo takes too long"; }
        sleep 1
    done
    grep -E 'ready after|demo accounts' "$log"
    echo "up after $((SECONDS - began)) s"
}

stop_demo() {
    inside ".venv/bin/gridmap down"
    wait $demo || { tail -40 "$log"; fail "make demo ended with $?"; }
}

run_demo() {
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    say "make demo (port $port)"
    start_demo
    for page in / /healthz /readyz; do
        answer=$(fetch "http://127.0.0.1:$port$page") || fail "$page is not served"
        echo "$page: $answer"
    done
    inside ".venv/bin/gridmap status"
    servers=$(ps -eo user:12,pid,args | grep -E 'bin/postgres|redis-server|gunicorn|jobs\.' | grep -v grep)
    echo "$servers" | cut -c1-110
    if echo "$servers" | grep -q ^root; then fail "a server runs as root"; fi
    stop_demo
    say "second start"
    start_demo
    stop_demo
}

run_test() {
    say "make test"
    began=$SECONDS
    inside "make test" 2>&1 | tee "$folder/root/test.log" | tail -60
    echo "make test took $((SECONDS - began)) s"
}

make_root
carry_settings
mount_system
clone
case $what in
demo) run_demo ;;
test) run_test ;;
all)
    run_demo
    run_test
    ;;
shell) inside "exec bash" ;;
*) fail "say demo, test or all" ;;
esac
say "bare machine: done in $SECONDS s"
