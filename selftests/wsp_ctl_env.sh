# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=sh
# What wsp_ctl.sh and wsp_run.sh share: a network of their own, and wspctl there.

# shellcheck disable=SC2034 # they use what is set here
# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

# A network of one's own.
if [ -z "$WSP_CTL" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can make a network namespace"
	WSP_CTL=1 exec unshare -n "$0"
fi

here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../tools/wspctl
[ -d "$tools" ] || tools=$here
[ -x "$tools/wspctl" ] || skip_all "no $tools/wspctl; run make wspctl"
"$tools/wspctl" help >/dev/null 2>&1 ||
	skip_all "wspctl does not run here: $("$tools/wspctl" help 2>&1 | head -n 1)"
[ -d /sys/module/wspfam ] || skip_all "the module is not loaded; insmod wspfam.ko"
for tool in ${tools_needed-bash ip perl setcap setpriv unshare}; do
	command -v "$tool" >/dev/null || skip_all "no $tool; install it"
done
ip link set lo up || skip_all "cannot bring up the loopback interface"
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Where anyone may use it.
chmod 755 "$tmp"
cp "$tools/wspctl" "$tools/wspctl-preload.so" "$here/wsp_nr.pm" "$tmp"
export PERL5LIB="$tmp"
ctl=$tmp/wspctl
tracing=/sys/kernel/tracing
[ -d $tracing/instances ] || mount -t tracefs nodev $tracing
groups=/proc/sys/net/wsp/create_group_range

# expect STATUS [nobody] COMMAND...: what it says is in out and err then.
expect() {
	want=$1
	shift
	if [ "$1" = nobody ]; then
		shift
		set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
	fi
	timeout -k 5 60 "$@" >"$tmp/out" 2>"$tmp/err"
	rc=$?
	[ $rc = "$want" ] || fail "$*: status $rc, not $want: $(cat "$tmp/err")"
}

says() { grep -qE -e "$1" "$tmp/out" || fail "does not say $1: $(cat "$tmp/out")"; }
complains() { grep -qE -e "$1" "$tmp/err" || fail "does not complain of $1: $(cat "$tmp/err")"; }

# json PERL: holds of $_, the answer.
json() {
	perl -MJSON::PP -e 'local $/; $_ = decode_json(<STDIN>); exit !eval $ARGV[0]' \
		"$1" <"$tmp/out" || fail "is not $1: $(head -c 500 "$tmp/out")"
}

# within COMMAND...: it becomes true in time.
within() {
	tries=300
	until "$@"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return
		sleep 0.1
	done
}

kinds="dynamic static raw go cgo 32 libc32"
# Programs for wspctl run: what their sockets are, and what they are to be.
programs() {
	for program in $kinds; do
		cp "$here/wsp_probe_$program" "$tmp/$program" || fail "no wsp_probe_$program"
	done
	"$tmp/dynamic" >"$tmp/plain"
	[ "$(grep -c plain "$tmp/plain")" -ge 11 ] || fail "a program alone has no plain sockets"
	sed -E 's/^(stream|tcp|nonblock|thread|child): plain/\1: wsp stream ipv4/
		s/^(dgram|udp|both): plain/\1: wsp dgram ipv4/
		s/^stream6: plain/stream6: wsp stream ipv6/
		s/^(udp6|cloexec): plain/\1: wsp dgram ipv6/' "$tmp/plain" >"$tmp/wsp"
}

# same FILE: it is what the program has said.
same() { diff "$tmp/$1" "$tmp/out" | sed 's/^/# /' | grep . && fail "$program: not what is $1"; }

no_supervisor() { ! grep -qsxE 'wspctl-(run|standby)' /proc/[0-9]*/comm; }
