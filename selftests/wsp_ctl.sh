#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wspctl: each verb as wspctl(8) says, and what it says where it cannot.

# shellcheck disable=SC2016 # the variables are Perl's, or another shell's
# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

# A network of one's own.
if [ -z "$WSP_CTL" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can make a network namespace"
	WSP_CTL=1 exec unshare -n "$0"
fi

here=$(cd "$(dirname "$0")" && pwd)
tools=$here/../tools/wspctl
[ -x "$tools/wspctl" ] || skip_all "no $tools/wspctl; run make wspctl"
[ -d /sys/module/wspfam ] || skip_all "the module is not loaded; insmod wspfam.ko"
for tool in bash ip make perl setcap setpriv unshare; do
	command -v $tool >/dev/null || skip_all "no $tool; install it"
done
ip link set lo up || skip_all "cannot bring up the loopback interface"
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# Where anyone may use it.
chmod 755 "$tmp"
cp "$tools/wspctl" "$tools/wspctl-preload.so" "$tmp"
ctl=$tmp/wspctl
tracing=/sys/kernel/tracing
[ -d $tracing/instances ] || mount -t tracefs nodev $tracing
groups=/proc/sys/net/wsp/create_group_range

nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# expect STATUS COMMAND...: what it says is in out and err then.
expect() {
	want=$1
	shift
	# A function is not timeout's to run.
	case $1 in nobody) shift && set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@" ;; esac
	timeout 60 "$@" >"$tmp/out" 2>"$tmp/err"
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

# hold PERL: has its sockets until release.
prelude='use Socket qw(:all); sub name { pack_sockaddr_in($_[1], inet_aton($_[0])) }'
hold() {
	rm -f "$tmp/hold" "$tmp/held" && mkfifo "$tmp/hold" "$tmp/held"
	perl -e "$prelude $1; print qq(\n); close STDOUT; <STDIN>" \
		<"$tmp/hold" >"$tmp/held" &
	holder=$!
	exec 3>"$tmp/hold"
	read -r _ <"$tmp/held"
}
release() {
	exec 3>&-
	wait "$holder"
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

bad_arguments() {
	for args in '' nonsense -z 'status x' 'sockets -z' 'doctor x' connect 'connect a' \
		'connect a b c' 'connect 127.0.0.1 65536' 'connect 127.0.0.1 -1' \
		'connect --timeout 0 127.0.0.1 80' 'connect --timeout x 127.0.0.1 80' \
		'connect --nonsense 127.0.0.1 80' explain 'explain -z' run 'run --nonsense true' \
		events 'events -f true' 'events -n 0 -f' 'events -n x -f'; do
		# shellcheck disable=SC2086 # several words
		expect 2 "$ctl" $args
		complains "^Try 'wspctl --help'"
		[ ! -s "$tmp/out" ] || fail "$args: says something"
	done
}

help() {
	expect 0 "$ctl" --help
	for verb in run status sockets events connect explain doctor; do
		says "^  wspctl $verb "
		grep -qE "^\.BR \"wspctl $verb\"" "$tools/wspctl.8" || fail "wspctl(8) lacks $verb"
	done
	expect 0 "$ctl" --version
	says '^wspctl [0-9.]+$'
}

status() {
	before=$(awk '$1 == "WspSockets" { print $2 }' /proc/net/wsp_stat)
	hold 'socket my $s, 18, SOCK_STREAM, 0'
	expect 0 "$ctl" status
	says '^family +18$'
	says '^references +1$'
	says "^WspSockets +$((before + 2))\$"	# one of them wspctl's own
	expect 0 "$ctl" -j status
	json '$_->{loaded} and $_->{family} == 18 and $_->{abi} == 1 and
		$_->{references} == 1 and $_->{create_group_range}[1] == 4294967294 and
		$_->{counters}{WspSockets} > 0 and exists $_->{counters}{WspConnectWSAEACCES}'
	release
	expect 0 "$ctl" status --json
	json '$_->{references} == 0'
}

F_02_sockets() {
	hold 'socket $l, 18, SOCK_STREAM, 0; bind $l, name "127.0.0.1", 5000; listen $l, 5;
		socket $c, 18, SOCK_STREAM, 0; connect $c, name "127.0.0.1", 5000;
		ioctl $c, 0x401057c4, pack "iLLL", syscall(290, 0, 0), 0x11;
		socket $u, 18, SOCK_DGRAM, 1; socket $plain, AF_INET, SOCK_STREAM, 0'
	expect 0 "$ctl" sockets
	[ "$(wc -l <"$tmp/out")" = 4 ] || fail "not three sockets: $(cat "$tmp/out")"
	says "^stream +ipv4 +listening +127.0.0.1:5000 +0.0.0.0:0 +- +[0-9]+ +$holder +3 +perl\$"
	says '^stream +ipv4 +connected +127.0.0.1:[0-9]+ +127.0.0.1:5000 +READ,CONNECT '
	says '^dgram +ipv6 +idle +- +- +- '
	awk 'NR == 1 { at = index($0, "STATE") }
		substr($0, at - 1, 1) != " " || substr($0, at, 1) == " " { exit 1 }' \
		"$tmp/out" || fail "the columns do not line up"
	expect 0 "$ctl" sockets -j
	json '@$_ == 3 and grep { $_->{state} eq "listening" and $_->{events} eq "" and
		readlink("/proc/$_->{pid}/fd/$_->{fd}") eq "socket:[$_->{inode}]" } @$_'
	expect 0 unshare -n "$ctl" -j sockets
	json '@$_ == 0'
	expect 0 nobody "$ctl" sockets
	complains 'run it as root'
	release
	expect 0 "$ctl" sockets -j
	json '@$_ == 0'
}

# connects STATUS REGEX ARGUMENT...
connects() {
	status=$1 regex=$2
	shift 2
	expect "$status" "$ctl" connect "$@"
	says "$regex"
	expect "$status" "$ctl" -j connect "$@"
}

connect_refused() {
	connects 1 '^C-01: All-zero' 0.0.0.0 80
	json '$_->{outcome} eq "failed" and $_->{code} eq "WSAEADDRNOTAVAIL" and
		$_->{number} == 10049 and $_->{errno} eq "EADDRNOTAVAIL" and
		$_->{rule} eq "C-01" and $_->{remote} eq "0.0.0.0:80"'
	connects 1 '^C-01: All-zero' -6 :: 80
	connects 1 '^C-02: Port 0' ::1 0
	connects 1 '^C-03: Broadcast' 224.0.0.1 80
	connects 1 '^E-07: the peer' 127.0.0.1 9
	connects 1 'in the background: WSAECONNREFUSED 10061, errno ECONNREFUSED' \
		--nonblock 127.0.0.1 9
	json '$_->{background} and $_->{code} eq "WSAECONNREFUSED"'
	connects 1 '^E-11: no way' 10.1.2.3 80
	connects 1 'WSAEACCES 10013, errno EACCES' --udp 255.255.255.255 9
	json '$_->{rule} eq "D-09"'
}

connect_made() {
	hold 'socket $l, AF_INET, SOCK_STREAM, 0; bind $l, name "127.0.0.1", 5000; listen $l, 9'
	connects 0 '^127.0.0.1:5000: connected, from 127.0.0.1:[0-9]+$' 127.0.0.1 5000
	json '$_->{outcome} eq "connected" and !$_->{background} and $_->{rule} eq "C-08"'
	connects 0 'in the background, after WSAEWOULDBLOCK' -n -4 localhost 5000
	json '$_->{background} and $_->{rule} eq "C-06"'
	release
	connects 0 'connected, from' -u 127.0.0.1 9
	connects 0 '^D-02: ' -u 0.0.0.0 0
	json '$_->{outcome} eq "disconnected"'
}

E_16_connect_timeout() {
	ip link add d0 type dummy || fail "no dummy interface"
	ip addr add 10.9.9.1/24 dev d0 || fail "no address"
	ip link set d0 up || fail "d0 stays down"
	connects 1 'WSAETIMEDOUT 10060' --timeout 0.2 10.9.9.2 80
	json '$_->{rule} eq "E-16"'
	connects 1 'still connecting in the background.*WSAEWOULDBLOCK 10035' \
		--nonblock --timeout 0.2 10.9.9.2 80
	json '$_->{rule} eq "E-17"'
	ip link del d0
}

connect_to_nobody() {
	expect 3 "$ctl" connect no.such.host.invalid 80
	complains 'cannot find no.such.host.invalid'
	expect 3 "$ctl" connect 127.0.0.1 nosuchservice
	expect 3 "$ctl" connect -6 127.0.0.1 80
}

# Every row there is, and what other words there are for it.
explain() {
	sed -nE 's/^   \* - ([A-Z]-[0-9]{2})$/\1/p' "$here/../Documentation/contract.rst" >"$tmp/ids"
	[ "$(wc -l <"$tmp/ids")" -gt 50 ] || fail "no rows in contract.rst"
	expect 0 "$ctl" explain --list
	grep -E '^[A-Z]-' "$tmp/out" | diff - "$tmp/ids" || fail "not the rows of the contract"
	# shellcheck disable=SC2046 # one word each
	expect 0 "$ctl" -j explain $(cat "$tmp/ids")
	json '@$_ > 50 and !grep { !$_->{meaning} or !$_->{linux} && $_->{id} =~ /^[ECD]/ } @$_'
	for word in WSAECONNREFUSED 10061 ECONNREFUSED 111 E-07 e-07 wsaeconnrefused; do
		expect 0 "$ctl" explain "$word" -j
		json '$_->[0]{code} eq "WSAECONNREFUSED" and $_->[0]{number} == 10061 and
			$_->[0]{errno} eq "ECONNREFUSED" and $_->[0]{id} eq "E-07"'
	done
	expect 0 "$ctl" explain EHOSTUNREACH
	says '^code +WSAENETUNREACH'
	expect 0 "$ctl" explain WSAEMSGSIZE
	says 'never comes out of WSPConnect'
	expect 1 "$ctl" explain C-05 nonsense 0 99999 C-99
	for word in nonsense 0 99999 C-99; do complains "'$word' is no code"; done
	says '^id +C-05$'
}

# What a program's sockets are, and what they are to be.
programs() {
	for program in dynamic static raw go 32; do
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

F_01_run() {
	for program in dynamic static raw go 32; do
		"$tmp/$program" >/dev/null 2>&1
		[ $? = 42 ] || { echo "# $program: not executed by this kernel" && continue; }
		expect 42 "$ctl" run "$tmp/$program"
		same wsp
		expect 42 "$ctl" run --strict --seccomp -- "$tmp/$program"
		same wsp
		expect 42 nobody "$ctl" run -- "$tmp/$program"
		same wsp
		expect 42 "$ctl" run -- "$ctl" run -- "$tmp/$program"
		same wsp
		[ ! -s "$tmp/err" ] || fail "$program: $(cat "$tmp/err")"
	done
}

# The supervisor of a program ends with it.
no_supervisor() { ! grep -qsx wspctl-run /proc/[0-9]*/comm; }
F_06_nothing_left() {
	within no_supervisor || fail "a supervisor is left"
	expect 0 "$ctl" run --seccomp -- sh -c '"$0" >/dev/null & exit' "$tmp/raw"
	within no_supervisor || fail "a supervisor is left"
}

run_children() {
	printf '#!/bin/sh\nexec "$@"\n' >"$tmp/script" && chmod +x "$tmp/script"
	expect 42 "$ctl" run -- "$tmp/script" "$tmp/dynamic"
	program=script && same wsp
	expect 42 "$ctl" run --seccomp -- "$tmp/script" "$tmp/raw"
	same wsp
	PATH=$tmp:$PATH expect 42 "$ctl" run script sh -c '"$0"; exit $?' dynamic
	same wsp
}

run_chooses() {
	expect 0 "$ctl" run -- grep Seccomp: /proc/self/status
	says 'Seccomp:.*0'
	expect 0 "$ctl" run --seccomp -- grep Seccomp: /proc/self/status
	says 'Seccomp:.*2'
	LD_PRELOAD=libm.so.6 expect 0 "$ctl" run -- sh -c 'echo "$LD_PRELOAD"'
	says "^libm.so.6:$tmp/wspctl-preload.so\$"
}

run_statuses() {
	expect 7 "$ctl" run -- sh -c 'exit 7'
	expect 7 "$ctl" run --seccomp -- sh -c 'exit 7'
	expect 143 sh -c '"$0" run -- sh -c "kill \$\$"' "$ctl"
	expect 127 "$ctl" run -- nonsense
	complains 'nonsense: not found'
	expect 127 "$ctl" run -- /nonsense
	expect 126 "$ctl" run -- /etc/passwd
	complains '/etc/passwd: not executable'
	expect 126 "$ctl" run -- /
}

run_privileged() {
	cp /bin/true "$tmp/setuid" && chmod u+s "$tmp/setuid"
	cp /bin/true "$tmp/setgid" && chmod g+s "$tmp/setgid"
	cp /bin/true "$tmp/caps"
	setcap cap_net_raw+ep "$tmp/caps" || fail "no capabilities"
	for program in setuid setgid caps; do
		expect 0 "$ctl" run -- "$tmp/$program"
		expect 126 nobody "$ctl" run -- "$tmp/$program"
		complains "$program is not run: it has more privileges"
	done
}

# The supervisor's namespace, user and groups are not the program's.
F_04_run_elsewhere() {
	program=raw
	expect 42 "$ctl" run --strict --seccomp -- unshare -n "$tmp/raw"
	same wsp
	expect 42 "$ctl" run --strict --seccomp -- setpriv --reuid=65534 --regid=65534 \
		--clear-groups "$tmp/raw"
	same wsp
	expect 42 nobody "$ctl" run --seccomp -- unshare -rn "$tmp/raw"
	same plain
}

F_05_no_permission() {
	range=$(cat $groups)
	echo 7 7 >$groups
	expect 3 "$ctl" connect 127.0.0.1 80
	complains 'permission denied; see net.wsp.create_group_range'
	expect 125 "$ctl" run --strict -- "$tmp/dynamic"
	complains 'permission denied'
	for program in dynamic raw; do
		expect 42 "$ctl" run -- "$tmp/$program"
		complains 'going on with plain sockets'
		same plain
	done
	expect 1 "$ctl" doctor
	says '^groups +FAIL +none of your groups.*sysctl net.wsp.create_group_range='
	says '^sockets +FAIL '
	# Denied after the start.
	program=later
	echo 0 0 >$groups
	for how in '' --seccomp; do
		# shellcheck disable=SC2086 # none or one
		expect 42 "$ctl" run $how -- sh -c "echo 7 7 >$groups; exec $tmp/dynamic"
		same plain
		echo 0 0 >$groups
		# shellcheck disable=SC2086 # none or one
		expect 42 "$ctl" run --strict $how -- sh -c "echo 7 7 >$groups; exec $tmp/dynamic"
		says '^stream: Permission denied'
		echo 0 0 >$groups
	done
	echo "$range" >$groups
}

events() {
	expect 1 "$ctl" events -- "$ctl" connect 0.0.0.0 80
	says '^ +TIME +COMMAND'
	says 'wspctl +[0-9]+ +stream +0.0.0.0:0 +0.0.0.0:80 +[0-9]+ +C-01 +WSAEADDRNOTAVAIL +EADDRN'
	expect 0 "$ctl" -j events "$ctl" connect -u 0.0.0.0 80
	grep '"rule"' "$tmp/out" >"$tmp/event" && mv "$tmp/event" "$tmp/out"
	json '$_->{rule} eq "D-02" and $_->{type} eq "dgram" and !defined $_->{errno}'
	expect 7 "$ctl" events sh -c 'exit 7'
	expect 143 "$ctl" events sh -c 'kill $$'
	expect 127 "$ctl" events nonsense
	expect 3 nobody "$ctl" events true
	complains 'root can'
}

events_of_namespaces() {
	expect 1 "$ctl" events unshare -n "$ctl" connect 0.0.0.0 80
	! grep -E 'wspctl .* C-01' "$tmp/out" || fail "shows another namespace"
	expect 1 "$ctl" events -a unshare -n "$ctl" connect 0.0.0.0 80
	says 'wspctl .* C-01'
}

events_followed() {
	timeout 60 "$ctl" events -f -n 2 >"$tmp/events" &
	follower=$!
	within grep -q TIME "$tmp/events" || fail "does not begin"
	"$ctl" connect 0.0.0.0 80 >/dev/null
	within grep -q C-01 "$tmp/events" || fail "does not show an event at once"
	kill -0 $follower || fail "ends too early"
	"$ctl" connect 127.0.0.1 0 >/dev/null
	wait $follower || fail "status $?"
	grep -q C-02 "$tmp/events" || fail "does not show the second event"

	timeout 60 "$ctl" events -f >"$tmp/events" &
	follower=$!
	within grep -q TIME "$tmp/events" || fail "does not begin"
	kill $follower
	wait $follower || fail "ended: status $?"
	[ -z "$(find $tracing/instances -name 'wspctl*')" ] || fail "an instance is left"
}

doctor() {
	expect 0 "$ctl" doctor
	says '^module +ok '
	says '^sockets +ok '
	says '^tracefs +ok '
	expect 0 "$ctl" -j doctor
	json '@$_ > 5 and !grep { $_->{verdict} eq "FAIL" or !$_->{finding} } @$_'
	expect 1 unshare -n "$ctl" doctor
	says '^sockets +FAIL.*ip link set lo up'
	expect 0 nobody "$ctl" doctor
	says '^tracefs +note +wspctl events is for root'
	expect 0 "$ctl" run --seccomp -- "$ctl" doctor
	says '^seccomp +note '
}

# completes WORD... WITH WORDS
completes() {
	want=$1
	shift
	got=$(PATH=$tmp:$PATH bash -c '. "$1"; shift
		_command_offset() { COMPREPLY=("offset $1"); }
		COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _wspctl; echo "${COMPREPLY[@]}"' \
		bash "$tools/completion.sh" wspctl "$@")
	[ "$got" = "$want" ] || fail "wspctl $*: '$got', not '$want'"
}

completion() {
	completes 'status sockets' s
	completes sockets -j so
	completes --json status --
	completes '--udp' connect --u
	completes '--strict --seccomp --' run -
	completes 'offset 2' run c
	completes 'offset 4' run --strict -- c -
	completes 'offset 4' events -n 1 c
	completes 'WSAECONNRESET WSAECONNREFUSED' explain WSAECONNRE
	completes 'F-03' explain F-03
	completes '--version' --v
}

installed() {
	make -s -C "$tools" install DESTDIR="$tmp/root" PREFIX=/usr || fail "make install fails"
	for file in sbin/wspctl lib/wspctl/wspctl-preload.so share/man/man8/wspctl.8 \
		share/bash-completion/completions/wspctl; do
		[ -s "$tmp/root/usr/$file" ] || fail "no $file"
	done
	[ ! -e /usr/local/lib/wspctl ] || return
	expect 125 "$tmp/root/usr/sbin/wspctl" run --strict true
	complains 'no /.*wspctl-preload.so; install wspctl again'
}

F_05_other_number() {
	rmmod wspfam || fail "does not unload"
	insmod "$WSPFAM_KO" family=13 || fail "does not load as 13"
	for program in dynamic raw; do
		expect 42 "$ctl" run --strict -- "$tmp/$program"
		same wsp
	done
	expect 0 "$ctl" -j status
	json '$_->{family} == 13'
	expect 0 "$ctl" doctor
	says '^family +note +13, not'
}

F_05_no_module() {
	within no_supervisor
	rmmod wspfam || fail "does not unload"
	for verb in status sockets 'events true' 'connect 127.0.0.1 80'; do
		# shellcheck disable=SC2086 # several words
		expect 3 "$ctl" $verb
		complains 'the module wspfam is not loaded; try: modprobe wspfam'
	done
	expect 3 "$ctl" -j status
	json 'not $_->{loaded}'
	expect 125 "$ctl" run --strict -- "$tmp/dynamic"
	complains 'not loaded'
	for program in dynamic raw; do
		expect 42 "$ctl" run -- "$tmp/$program"
		complains 'going on with plain sockets'
		same plain
	done
	expect 1 "$ctl" doctor
	says '^module +FAIL +wspfam is not .*; m(ake install|odprobe wspfam)'
	says '^family +ok +the number 18 is free'
	expect 0 "$ctl" explain C-05
	insmod "$WSPFAM_KO" || fail "does not load again"
}

[ -n "$WSPFAM_KO" ] || echo "# WSPFAM_KO is not set: nothing without the module"
# shellcheck disable=SC2046 # none or two
run_tests bad_arguments help status F_02_sockets connect_refused connect_made \
	E_16_connect_timeout connect_to_nobody explain programs F_01_run F_06_nothing_left \
	run_children run_chooses run_statuses run_privileged F_04_run_elsewhere \
	F_05_no_permission events events_of_namespaces events_followed doctor completion \
	installed $([ -z "$WSPFAM_KO" ] || echo F_05_other_number F_05_no_module)
