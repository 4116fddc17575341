#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# The counters of /proc/net/wsp_stat and the tracepoint wsp:wsp_rule. Each test
# breaks a rule once, and looks for its row, its errno and its code.

# shellcheck disable=SC2016 # the variables are Perl's
# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

# A network of one's own, with every interface down at first.
if [ -z "$WSP_STAT" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can make a network namespace"
	WSP_STAT=1 exec unshare -n "$0"
fi

[ -d /sys/module/wspfam ] || skip_all "the module is not loaded; insmod wspfam.ko"
for tool in ip perl taskset unshare; do
	command -v $tool >/dev/null || skip_all "no $tool; install it"
done
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"
tracing=/sys/kernel/tracing
[ -d $tracing/instances ] || mount -t tracefs nodev $tracing 2>/dev/null
netns=$(stat -L -c %i /proc/self/ns/net)
trace=$tracing/instances/wsp_stat.$$
mkdir $trace 2>/dev/null || trace=
[ -n "$trace" ] || echo "# no tracefs: the counters alone"

finish() {
	[ -z "$trace" ] || rmdir "$trace"
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM
[ -z "$trace" ] || echo 1 >"$trace/events/wsp/wsp_rule/enable" || exit

cat >"$tmp/Wsp.pm" <<'END'
package Wsp;
use Socket qw(:DEFAULT inet_pton SOCK_NONBLOCK IPPROTO_TCP);
use Fcntl;
use POSIX qw(sigaction SIGALRM SA_RESTART);
use Time::HiRes qw(setitimer ITIMER_REAL);
use parent 'Exporter';
our @EXPORT = (@Socket::EXPORT, qw(sigaction SIGALRM SA_RESTART setitimer ITIMER_REAL
	inet_pton SOCK_NONBLOCK IPPROTO_TCP
	tcp tcp6 udp name name6 to listener refused reusing beside seconds ptr));
sub tcp { socket(my $s, 18, SOCK_STREAM | ($_[0] // 0), 0) or exit $!; $s }
sub tcp6 { socket(my $s, 18, SOCK_STREAM, 1) or exit $!; $s }
sub udp { socket(my $s, 18, SOCK_DGRAM, 0) or exit $!; $s }
sub name { pack_sockaddr_in($_[1], inet_aton($_[0])) }
sub name6 { Socket::pack_sockaddr_in6($_[1], inet_pton(AF_INET6, $_[0])) }
sub to { connect($_[0], $_[1]) ? 0 : $! + 0 }
sub listener { my $s = tcp; bind($s, name '127.0.0.1', 0); listen($s, 5); $s }
sub reusing { my $s = tcp; setsockopt $s, SOL_SOCKET, SO_REUSEADDR, 1;
	bind $s, name('127.0.0.1', 7000) or exit $!; $s }
sub blocked { local $/; open my $f, '<', "/proc/self/fdinfo/" . fileno $_[0]; <$f> =~ /blocked/ }
# A child that does something while its parent waits in connect.
sub beside { my ($s, $do) = @_; my $pid = fork; return $pid if $pid;
	select undef, undef, undef, 0.01 until blocked $s; $do->(); exit }
sub refused { my $s = tcp(SOCK_NONBLOCK); to $s, name('127.0.0.1', 9);
	my $w = ''; vec($w, fileno $s, 1) = 1; select undef, $w, undef, 30; $s }
sub seconds { pack 'l!2', $_[0], $_[1] }
sub ptr { unpack 'L!', pack 'P', $_[0] }
1;
END

# provoke PERL
provoke() { perl -I"$tmp" -I"$here" -MWsp -Mwsp_nr -e "$1" || fail "perl: status $?"; }

# All that connect has come to.
outcomes() { awk '/^WspConnect/ { sum += $2 } END { print sum }' /proc/net/wsp_stat; }

# traced ROW ERRNO CODE: the last provocation has left such an event.
traced() {
	[ -n "$trace" ] || return
	grep -qE "netns=$netns .* rule=$1 code=$3 errno=$2 comm=perl\$" "$trace/trace" || {
		sed 's/^/# /' "$trace/trace"
		fail "no event of $1 with errno $2 and code $3"
	}
}

# counts COUNTER PERL: once
counts() {
	before=$(count "$1")
	provoke "$2"
	[ "$(count "$1")" = $((before + 1)) ] || fail "$1 went from $before to $(count "$1")"
}

# rule ROW ERRNO CODE COUNTER PERL
rule() {
	[ -z "$trace" ] || : >"$trace/trace"
	counts "$4" "$5"
	traced "$1" "$2" "$3"
}

connect() { rule "$1" "$2" "$3" "WspConnect$4" "$5"; }

E_01_all_down() {
	connect E-01 100 10050 WSAENETDOWN 'to tcp, name "10.9.9.2", 80'
}

network() {
	ip link set lo up || fail "no lo"
	ip link add d0 type dummy || fail "no dummy interface"
	ip addr add 10.9.9.1/24 dev d0 || fail "no address"
	ip link set d0 up || fail "d0 stays down"
	ip route add blackhole 10.8.8.0/24 || fail "no blackhole route"
}

C_01_all_zero() {
	connect C-01 99 10049 WSAEADDRNOTAVAIL 'to tcp, name "0.0.0.0", 80'
	[ -z "$trace" ] || grep -q 'stream local=0.0.0.0:0 remote=0.0.0.0:80 ' "$trace/trace" ||
		fail "the event does not name the peer"
	connect C-01 99 10049 WSAEADDRNOTAVAIL '$s = tcp6;
		bind $s, name6 "::1", 7000; to $s, name6 "::", 80'
	[ -z "$trace" ] || grep -q 'local=\[::1\]:7000 remote=\[::\]:80 ' "$trace/trace" ||
		fail "the event does not name what is IPv6"
}
C_02_port_0() {
	connect C-02 99 10049 WSAEADDRNOTAVAIL 'to tcp, name "127.0.0.1", 0'
}
C_03_multicast() {
	connect C-03 99 10049 WSAEADDRNOTAVAIL 'to tcp, name "224.0.0.1", 80'
}
E_02_taken() {
	connect E-02 98 10048 WSAEADDRINUSE '$l = getsockname($k = listener);
		to $a = reusing, $l; to $b = reusing, $l'
}
E_03_blocked() {
	connect E-03 16 10036 WSAEINPROGRESS '$s = tcp; $n = name "10.9.9.2", 80;
		$me = beside $s, sub { to $s, $n; shutdown $s, 2 }; to $s, $n; waitpid $me, 0'
}
E_06_foreign_name() {
	connect E-06 97 10047 WSAEAFNOSUPPORT 'to tcp, name6 "::1", 80'
	connect E-06 97 10047 WSAEAFNOSUPPORT 'to udp, name6 "::1", 80'
}
E_08_short_name() {
	connect E-08 14 10014 WSAEFAULT 'to tcp, substr(name("127.0.0.1", 80), 0, 8)'
	connect E-08 14 10014 WSAEFAULT 'to udp, substr(name("127.0.0.1", 80), 0, 8)'
}
E_09_listening() {
	connect E-09 22 10022 WSAEINVAL 'to listener, name "127.0.0.1", 80'
}
E_10_connected() {
	connect E-10 106 10056 WSAEISCONN \
		'$l = listener; $s = tcp; to $s, getsockname $l; to $s, getsockname $l'
}
E_04_pending() {
	connect E-04 114 10037 WSAEALREADY '$s = tcp SOCK_NONBLOCK;
		to $s, name "10.9.9.2", 80; to $s, name "10.9.9.2", 80'
}
# Its outcome, in the background, is among those that Linux counts.
attempts_failed() { awk '/^Tcp: [0-9]/ { print $8 }' /proc/net/snmp; }
E_17_would_block() {
	all=$(outcomes) failures=$(attempts_failed)
	counts WspConnectWSAEWOULDBLOCK 'refused'
	[ "$(outcomes)" = $((all + 1)) ] || fail "counted twice"
	[ "$(attempts_failed)" = $((failures + 1)) ] || fail "TcpAttemptFails is as before"
}
E_07_refused() {
	counts WspConnectWSAECONNREFUSED 'to tcp, name "127.0.0.1", 9'
}
E_11_blackhole() {
	connect E-11 101 10051 WSAENETUNREACH 'to tcp, name "10.8.8.8", 80'
	connect E-11 101 10051 WSAENETUNREACH 'to udp, name "10.8.8.8", 80'
}
E_12_no_port_left() {
	range=$(cat /proc/sys/net/ipv4/ip_local_port_range)
	echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range
	connect E-12 105 10055 WSAENOBUFS '$n = name "10.9.9.2", 80;
		to $s = tcp(SOCK_NONBLOCK), $n; to tcp(SOCK_NONBLOCK), $n'
	echo "$range" >/proc/sys/net/ipv4/ip_local_port_range
}
E_14_quality() {
	connect E-14 95 10045 WSAEOPNOTSUPP '$q = pack "L16", (0) x 5, 2, (0) x 10;
		ioctl tcp, 0x403057c2, pack "Q6", 0, 0, ptr($q), 0, 0, 0'
}
E_15_caller_data() {
	connect E-15 93 10043 WSAEPROTONOSUPPORT \
		'$b = pack "L", 7; ioctl tcp, 0x403057c2, pack "Q6", ptr $b'
}
E_16_send_timeout() {
	connect E-16 110 10060 WSAETIMEDOUT '$s = tcp;
		setsockopt $s, SOL_SOCKET, SO_SNDTIMEO, seconds 0, 20000;
		to $s, name "10.9.9.2", 80'
}
C_05_afresh() {
	rule C-05 0 0 WspAfresh '$s = refused; to $s, name "127.0.0.1", 9'
}
# A call that is made again has come to nothing yet.
C_12_interrupted() {
	all=$(outcomes)
	counts WspConnectWSAEINTR '$SIG{ALRM} = sub {};
		setitimer ITIMER_REAL, 0.02, 0.02; to tcp, name "10.9.9.2", 80;
		setitimer ITIMER_REAL, 0'
	[ "$(outcomes)" = $((all + 1)) ] || fail "counted twice"
	all=$(outcomes)
	counts WspConnectWSAECONNREFUSED 'pipe R, W; sigaction SIGALRM,
		POSIX::SigAction->new(sub { syswrite W, "x" }, POSIX::SigSet->new, SA_RESTART);
		$s = tcp; $me = $$;
		beside $s, sub { kill "ALRM", $me; sysread R, $b, 1; shutdown $s, 2 };
		to $s, name "10.9.9.2", 80'
	[ "$(outcomes)" = $((all + 1)) ] || fail "counted before it has come to an end"
}
C_13_fast_open() {
	rule C-13 95 10045 WspFastOpenRefused \
		'send tcp, "x", 0x20000000, name "127.0.0.1", 9'
}
D_02_disconnect() {
	rule D-02 0 0 WspDisconnected 'to udp, name "0.0.0.0", 0'
}
D_03_D_12_no_peer() {
	rule D-12 107 10057 WspSockets 'send udp, "x", 0'
	rule D-03 107 10057 WspDisconnected \
		'$s = udp; to $s, name "0.0.0.0", 0; send $s, "x", 0'
	rule D-03 107 10057 WspDisconnected \
		'$s = udp; to $s, name "0.0.0.0", 0; sysread $s, $b, 1'
}
D_05_D_06_moved() {
	rule D-05 0 0 WspDiscarded '$s = udp; $p = udp; bind $p, name "127.0.0.1", 0;
		to $s, getsockname $p; to $p, getsockname $s; send $p, "x", 0;
		to $s, name "10.9.9.2", 9'
	traced D-06 0 0
}
D_06_nothing_queued() {
	before=$(count WspDiscarded)
	provoke '$s = udp; to $s, name "127.0.0.1", 9; to $s, name "10.9.9.2", 9'
	[ "$(count WspDiscarded)" = "$before" ] || fail "counted"
}
D_09_broadcast() {
	connect D-09 13 10013 WSAEACCES 'to udp, name "10.9.9.255", 9'
}
F_03_options() {
	rule F-03 95 10045 WspOptionRefused 'setsockopt tcp, IPPROTO_TCP, 31, "tls"'
}
F_05_denied() {
	range=$(cat /proc/sys/net/wsp/create_group_range)
	echo 7 7 >/proc/sys/net/wsp/create_group_range
	rule F-05 13 10013 WspDenied 'socket $s, 18, SOCK_STREAM, 0'
	echo "$range" >/proc/sys/net/wsp/create_group_range
}
V_01_tied() {
	counts WspTied 'ioctl tcp, 0x401057c4, pack "iLLL", syscall(nr_eventfd2, 0, 0), 16'
}

F_02_native_is_silent() {
	[ -z "$trace" ] || : >"$trace/trace"
	before=$(count WspConnected) sockets=$(count WspSockets)
	provoke '$l = listener; $s = tcp; to $s, getsockname $l; accept $a, $l;
		send $s, "x", 0; sysread $a, $b, 1 or exit 1;
		to udp, name "127.0.0.1", 9'
	[ "$(count WspConnected)" = $((before + 2)) ] || fail "not counted"
	[ "$(count WspSockets)" = $((sockets + 3)) ] || fail "counts what was accepted"
	[ -z "$trace" ] || ! grep 'wsp_rule' "$trace/trace" || fail "events without a rule"
}

# Each namespace counts for itself, and its counters end with it.
F_06_namespaces() {
	[ "$(count WspSockets)" -gt 0 ] || fail "nothing here"
	others=$(unshare -n awk '{ sum += $2 } END { print NR, sum }' /proc/net/wsp_stat)
	[ "$others" = "$(wc -l </proc/net/wsp_stat) 0" ] || fail "another: $others"
}

F_02_every_processor() {
	before=$(count WspSockets)
	for cpu in $(seq 0 $(($(nproc) - 1))); do taskset -c "$cpu" perl -I"$tmp" -MWsp -e tcp; done
	[ "$(count WspSockets)" = $((before + $(nproc))) ] || fail "not all are counted"
}

F_02_counters_are_read_only() {
	! { echo 0 >/proc/net/wsp_stat; } 2>/dev/null || fail "can be written"
	! awk '!/^Wsp[A-Za-z]+ *\t[0-9]+$/' /proc/net/wsp_stat | grep . ||
		fail "a line is no counter"
}

run_tests E_01_all_down network C_01_all_zero C_02_port_0 C_03_multicast E_02_taken \
	E_03_blocked E_04_pending E_06_foreign_name E_07_refused E_08_short_name \
	E_09_listening E_10_connected E_11_blackhole E_12_no_port_left E_14_quality \
	E_15_caller_data E_16_send_timeout E_17_would_block C_05_afresh \
	C_12_interrupted C_13_fast_open D_02_disconnect D_03_D_12_no_peer \
	D_05_D_06_moved D_06_nothing_queued D_09_broadcast F_03_options F_05_denied V_01_tied \
	F_02_native_is_silent F_02_every_processor F_06_namespaces \
	F_02_counters_are_read_only
