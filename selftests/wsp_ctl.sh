#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wspctl's verbs but run: each as wspctl(8) says, and what it says where it cannot.

# shellcheck disable=SC2016 # the variables are Perl's, or another shell's
# shellcheck source-path=SCRIPTDIR source=wsp_ctl_env.sh
. "$(dirname "$0")/wsp_ctl_env.sh"

# numbers: what is one is none in quotes.
numbers() {
	! grep -E '": ?"[0-9]+(\.[0-9]+)?"' "$tmp/out" | grep -v '"version"' ||
		fail "a number is a string"
}

# hold PERL: has its sockets until release.
prelude='use wsp_nr; use Socket qw(:all); sub name { pack_sockaddr_in($_[1], inet_aton($_[0])) }'
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

bad_arguments() {
	for args in '' nonsense -z 'status x' 'sockets -z' 'doctor x' connect 'connect a' \
		'connect a b c' 'connect 127.0.0.1 65536' 'connect 127.0.0.1 -1' \
		'connect --timeout 0 127.0.0.1 80' 'connect --timeout x 127.0.0.1 80' \
		'connect --nonsense 127.0.0.1 80' 'connect -4 -6 127.0.0.1 80' explain \
		'explain -z' 'explain -l C-01' run 'run --nonsense true' events \
		'events -f true' 'events -n 0 -f' 'events -n x -f' 'help x' 'help run x'; do
		# shellcheck disable=SC2086 # several words
		expect 2 "$ctl" $args
		verb=${args%% *}
		case $verb in '' | nonsense | -z) verb= ;; esac
		complains "^wspctl${verb:+ $verb}: "
		complains "^Try 'wspctl${verb:+ $verb} --help'"
		[ ! -s "$tmp/out" ] || fail "$args: says something"
	done
	expect 2 "$ctl" connect -4 -6 127.0.0.1 80
	complains 'either --ipv4 or --ipv6'
	connects 1 ': failed' -4 -4 127.0.0.1 9
}

# By as much of their names as no other has.
shortened() {
	for short in st ru e c; do
		case $short in
		st) expect 0 "$ctl" st && says '^family +18$' ;;
		ru) expect 7 "$ctl" ru sh -c 'exit 7' ;;
		e) expect 2 "$ctl" e && complains "'e' may be events or explain" ;;
		c) expect 0 "$ctl" -j c -u 127.0.0.1 9 && json '$_->{rule} eq "D-01"' ;;
		esac
	done
	expect 2 "$ctl" s
	complains "'s' may be status or sockets"
	expect 2 "$ctl" statusx
	expect 2 "$ctl" ''
}

verbs="run status sockets events connect explain doctor help"
help() {
	for args in --help -h help; do
		expect 0 "$ctl" $args
		for verb in $verbs; do says "^  wspctl $verb"; done
	done
	for verb in $verbs; do
		grep -qE "^\.BR? \"wspctl $verb\"" "$tools/wspctl.8" || fail "wspctl(8) lacks $verb"
		expect 0 "$ctl" help "$verb"
		says "^usage: wspctl $verb"
		mv "$tmp/out" "$tmp/help"
		# Each option of one is in the page.
		grep -oE -e '--[a-z0-9]+' "$tmp/help" | sed 's/-/\\-/g' | sort -u |
		while read -r option; do
			grep -qF -e "$option" "$tools/wspctl.8" || echo "$option"
		done >"$tmp/missing"
		[ ! -s "$tmp/missing" ] || fail "wspctl(8) lacks $(cat "$tmp/missing") of $verb"
		for how in -h --help help; do
			[ "$verb $how" != 'help help' ] || continue
			expect 0 "$ctl" "$verb" "$how"
			diff "$tmp/help" "$tmp/out" || fail "$verb $how: not its help"
		done
	done
	expect 127 "$ctl" run -- help
	complains '^wspctl run: cannot run help'
	expect 0 "$ctl" --version
	says '^wspctl [0-9.]+$'
	expect 0 "$ctl" -j -V
	json '$_->{version} =~ /^[0-9.]+$/'
}

status() {
	before=$(count WspSockets)
	hold 'socket my $s, 18, SOCK_STREAM, 0'
	expect 0 "$ctl" status
	says '^family +18$'
	says '^references +1$'
	says '^COUNTER +TIMES$'
	says "^WspSockets +$((before + 2))\$"	# one of them wspctl's own
	says '^create_group_range +0 to 4294967294$'
	expect 0 "$ctl" --json status
	json '$_->{loaded} and $_->{family} == 18 and $_->{abi} == 1 and
		$_->{references} == 1 and $_->{create_group_range}[1] == 4294967294 and
		$_->{counters}{WspSockets} > 0 and exists $_->{counters}{WspConnectWSAEACCES}'
	release
	expect 0 "$ctl" status
	says '^references +0$'
}

F_02_sockets() {
	hold 'socket $l, 18, SOCK_STREAM, 0; bind $l, name "127.0.0.1", 5000; listen $l, 5;
		socket $c, 18, SOCK_STREAM, 0; connect $c, name "127.0.0.1", 5000;
		ioctl $c, 0x401057c4, pack "iLLL", syscall(nr_eventfd2, 0, 0), 0x211;
		socket $u, 18, SOCK_DGRAM, 1; socket $plain, AF_INET, SOCK_STREAM, 0'
	expect 0 "$ctl" sockets
	[ "$(wc -l <"$tmp/out")" = 4 ] || fail "not three sockets: $(cat "$tmp/out")"
	says "^stream +ipv4 +listening +127.0.0.1:5000 +0.0.0.0:0 +- +[0-9]+ +$holder +3 +perl\$"
	says '^stream +ipv4 +connected +127.0.0.1:[0-9]+ +127.0.0.1:5000 +READ,CONNECT,ADDRESS_L'
	says '^dgram +ipv6 +idle +- +- +- '
	awk 'NR == 1 { at = index($0, "STATE") }
		substr($0, at - 1, 1) != " " || substr($0, at, 1) == " " { exit 1 }' \
		"$tmp/out" || fail "the columns do not line up"
	expect 0 "$ctl" sockets -j
	json '@$_ == 3 and grep { $_->{state} eq "listening" and @{$_->{events}} == 0 and
		$_->{local}{address} eq "127.0.0.1" and $_->{local}{port} == 5000 and
		readlink("/proc/$_->{pid}/fd/$_->{fd}") eq "socket:[$_->{inode}]" } @$_'
	json 'grep { "@{$_->{events}}" eq "READ CONNECT ADDRESS_LIST_CHANGE" and
		$_->{remote}{port} == 5000 } @$_'
	json 'grep { !defined $_->{local} } @$_'
	numbers
	expect 0 unshare -n "$ctl" sockets
	[ "$(wc -l <"$tmp/out")" = 1 ] || fail "elsewhere: $(cat "$tmp/out")"
	expect 0 nobody "$ctl" sockets
	complains 'run it as root'
	release
	hold '$0 = "a\e[31m\xff"; socket $s, 18, SOCK_STREAM, 0'
	expect 0 "$ctl" -j sockets
	json '@$_ == 1 and $_->[0]{command} eq "a?[31m?"'
	release
	expect 0 "$ctl" sockets
	[ "$(wc -l <"$tmp/out")" = 1 ] || fail "sockets are left: $(cat "$tmp/out")"
}

# connects STATUS REGEX ARGUMENT...
connects() {
	status=$1 regex=$2
	shift 2
	expect "$status" "$ctl" connect "$@"
	says "$regex"
}

connect_refused() {
	connects 1 '^C-01: All-zero' --ipv6 :: 80
	connects 1 '^C-01: All-zero' -6 ::ffff:0.0.0.0 80
	connects 1 '^C-02: Port 0' ::1 0
	connects 1 '^C-03: Broadcast' 224.0.0.1 80
	connects 1 '^E-07: the peer' 127.0.0.1 9
	connects 1 'in the background: WSAECONNREFUSED 10061, errno ECONNREFUSED' \
		--nonblock 127.0.0.1 9
	connects 1 '^E-11: no way' 10.1.2.3 80
	connects 1 'WSAEACCES 10013, errno EACCES' --udp 255.255.255.255 9
	says '^D-09: '
	connects 1 '^E-18: ' --udp 127.255.255.255 9
	expect 1 "$ctl" -j connect 0.0.0.0 80
	json '$_->{outcome} eq "failed" and $_->{code} eq "WSAEADDRNOTAVAIL" and
		$_->{number} == 10049 and $_->{errno} eq "EADDRNOTAVAIL" and
		$_->{errno_number} == 99 and $_->{rule} eq "C-01" and
		$_->{remote}{address} eq "0.0.0.0" and $_->{remote}{port} == 80'
	numbers
	expect 1 "$ctl" -j connect ::1 0
	json '$_->{remote}{address} eq "::1" and $_->{remote}{port} == 0'
}

connect_made() {
	hold 'socket $l, AF_INET, SOCK_STREAM, 0; bind $l, name "127.0.0.1", 5000; listen $l, 9'
	connects 0 '^127.0.0.1:5000: connected, from 127.0.0.1:[0-9]+$' 127.0.0.1 5000
	says '^C-08: '
	connects 0 'in the background, after WSAEWOULDBLOCK' -n --ipv4 localhost 5000
	expect 0 "$ctl" connect --json --nonblock 127.0.0.1 5000
	json '$_->{outcome} eq "connected" and $_->{background} and $_->{rule} eq "C-06"'
	release
	connects 0 'connected, from' -u 127.0.0.1 9
	connects 0 ': disconnected' -u 0.0.0.0 0
	says '^D-02: '
}

E_16_connect_timeout() {
	ip link add d0 type dummy || fail "no dummy interface"
	ip addr add 10.9.9.1/24 dev d0 || fail "no address"
	ip link set d0 up || fail "d0 stays down"
	connects 1 'WSAETIMEDOUT 10060' --timeout 0.2 10.9.9.2 80
	says '^E-16: '
	connects 1 'still connecting in the background.*WSAEWOULDBLOCK 10035' \
		-4 --nonblock -t 0.2 10.9.9.2 80
	says '^E-17: '
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
	expect 0 "$ctl" explain -l
	grep -E '^[A-Z]-' "$tmp/out" >"$tmp/ids"
	[ "$(wc -l <"$tmp/ids")" -gt 50 ] || fail "has not so many rows"
	contract=$here/../Documentation/contract.rst
	[ ! -e "$contract" ] || sed -nE 's/^   \* - ([A-Z]-[0-9]{2})$/\1/p' "$contract" |
		diff "$tmp/ids" - || fail "not the rows of the contract"
	# shellcheck disable=SC2046 # one word each
	expect 0 "$ctl" -j explain $(cat "$tmp/ids")
	json '@$_ > 50 and !grep { !$_->{meaning} or !$_->{linux} && $_->{id} =~ /^[ECD]/ } @$_'
	expect 0 "$ctl" -j explain WSAECONNREFUSED 10061 ECONNREFUSED 111 \
		E-07 e-07 wsaeconnrefused
	json '@$_ == 7 and !grep { $_->{code} ne "WSAECONNREFUSED" or $_->{number} != 10061 or
		$_->{errno} ne "ECONNREFUSED" or $_->{id} ne "E-07" } @$_'
	expect 0 "$ctl" explain EHOSTUNREACH
	says '^EHOSTUNREACH \(113\), "No route to host", code WSAENETUNREACH \(10051\)$'
	expect 0 "$ctl" explain WSAEMSGSIZE
	says "^    A code of Winsock's that never comes out of WSPConnect\.\$"
	expect 0 "$ctl" explain E-07
	says '^WSAECONNREFUSED \(10061\), errno ECONNREFUSED \(111\), rule E-07$'
	says '^    The peer refused .*\.$'
	says "^    Linux's own sockets say "
	[ "$(awk 'length > 80' "$tmp/out")" = "" ] || fail "lines are too long"
	expect 0 "$ctl" explain C-14
	says '^Rule C-14$'
	for how in '-j explain -l' 'explain -l -j' 'explain --json --list'; do
		# shellcheck disable=SC2086 # several words
		expect 0 "$ctl" $how
		json '@{$_->{rules}} > 50 and grep { $_ eq "WSAEINTR" } @{$_->{codes}}'
	done
	expect 1 "$ctl" explain C-05 nonsense 0 99999 C-99
	for word in nonsense 0 99999 C-99; do complains "'$word' is no code"; done
	says '^Rule C-05$'
}

events() {
	expect 1 "$ctl" events -- "$ctl" connect 0.0.0.0 80
	says '^ +TIME\(s\) +COMMAND'
	says 'wspctl +[0-9]+ +stream +0.0.0.0:0 +0.0.0.0:80 +[0-9]+ +C-01 +WSAEADDRNOTAVAIL +EADDRN'
	# In JSON, the command speaks elsewhere.
	for how in '-j events' 'events -j --'; do
		# shellcheck disable=SC2086 # several words
		expect 0 "$ctl" $how "$ctl" connect -u 0.0.0.0 80
		json '$_->{rule} eq "D-02" and $_->{type} eq "dgram" and !defined $_->{errno}
			and $_->{remote}{address} eq "0.0.0.0" and $_->{remote}{port} == 0
			and $_->{time} > 0'
		numbers
		complains ': disconnected'
	done
	expect 1 "$ctl" -j events "$ctl" connect ::1 0
	json '$_->{remote}{address} eq "::1" and $_->{number} == 10049 and
		$_->{errno_number} == 99'
	expect 7 "$ctl" events sh -c 'exit 7'
	expect 143 "$ctl" events sh -c 'kill $$'
	expect 127 "$ctl" events nonsense
	expect 3 nobody "$ctl" events true
	complains 'root can'
	expect 0 "$ctl" events perl -e "$prelude"'$0 = ": wsp_rule: x";
		socket $s, 18, SOCK_STREAM, 0; connect $s, name "0.0.0.0", 80; exit 0'
	says '^ +[0-9.]+  : wsp_rule: x .* C-01 '
}

# Shown while wspctl cannot run, by a buffer that is too small for them.
events_lost() {
	"$ctl" events -f >"$tmp/out" 2>"$tmp/err" &
	follower=$!
	within grep -q TIME "$tmp/out" || fail "does not begin"
	kill -STOP $follower
	echo 4 >$tracing/instances/wspctl.$follower/buffer_size_kb
	perl -e "$prelude"'socket $s, 18, SOCK_STREAM, 0;
		connect $s, name "0.0.0.0", 80 for 1 .. 999'
	kill -CONT $follower
	within grep -q 'events are missing here' "$tmp/err" || fail "does not say so"
	kill $follower
	wait $follower || fail "status $?"
}

events_of_namespaces() {
	expect 1 "$ctl" events unshare -n "$ctl" connect 0.0.0.0 80
	! grep -E 'wspctl .* C-01' "$tmp/out" || fail "shows another namespace"
	expect 1 "$ctl" events --all unshare -n "$ctl" connect 0.0.0.0 80
	says 'wspctl .* C-01'
}

events_followed() {
	timeout 60 "$ctl" events --follow --count 2 >"$tmp/events" &
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

instances() { find $tracing/instances -name 'wspctl*' | grep -c .; }
ended() { ! grep -qs '^State:.[^Z]' "/proc/$follower/status"; }

# What ends it leaves no instance; what cannot be caught, one for the next to remove.
events_killed() {
	for signal in QUIT USR1 ALRM KILL; do
		perl -e '$SIG{QUIT} = "DEFAULT"; exec @ARGV' "$ctl" events -f >"$tmp/events" 2>&1 &
		follower=$!
		within grep -q TIME "$tmp/events" || fail "does not begin"
		[ "$(instances)" = 1 ] || fail "before $signal: $(instances) instances"
		kill -s $signal $follower
		within ended || fail "$signal does not end it"
		wait $follower 2>/dev/null
		[ $signal = KILL ] || [ "$(instances)" = 0 ] || fail "$signal: an instance is left"
	done
	[ "$(instances)" = 1 ] || fail "no instance is left to be removed"
	# One that is in use is not removed, one in another namespace has the same number.
	"$ctl" events -f >"$tmp/events" 2>&1 &
	follower=$!
	within grep -q TIME "$tmp/events" || fail "does not begin"
	[ "$(instances)" = 1 ] || fail "$(instances) instances: what was left is there"
	mkdir "$tracing/instances/wspctl.1" && exec 5<"$tracing/instances/wspctl.1" && flock 5
	expect 7 unshare -p -f --kill-child --mount-proc "$ctl" events sh -c 'exit 7'
	[ "$(instances)" = 2 ] || fail "$(instances) instances: removes another's"
	exec 5<&-
	kill $follower
	wait $follower || fail "status $?"
	expect 0 "$ctl" events true
	[ "$(instances)" = 0 ] || fail "an instance is left"
}

# Ignored signals stay so, for it and for the command.
events_nohup() {
	nohup "$ctl" events -f >"$tmp/events" 2>&1 &
	follower=$!
	within grep -q TIME "$tmp/events" || fail "does not begin"
	kill -HUP $follower
	"$ctl" connect 0.0.0.0 80 >/dev/null
	within grep -q C-01 "$tmp/events" || fail "has ended"
	kill $follower
	wait $follower || fail "status $?"
	expect 4 perl -e '$SIG{HUP} = "IGNORE"; exec @ARGV' \
		"$ctl" events sh -c 'kill -HUP $$; exit 4'
	expect 0 perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' \
		"$ctl" events grep -q '^SigIgn:.*[13579bdf]....$' /proc/self/status
}

# A command that has shown enough is still told of signals, by one only of those that
# tell it.
events_signals() {
	"$ctl" events -n 1 sh -c 'trap "exit 5" TERM; "$0" connect 0.0.0.0 80
		while :; do sleep 0.1; done' "$ctl" >"$tmp/events" 2>&1 &
	follower=$!
	within grep -q C-01 "$tmp/events" || fail "shows nothing"
	kill $follower
	within ended || { fail "is deaf to signals" && pkill -9 -P $follower; }
	wait $follower
	rc=$?
	[ $rc = 5 ] || fail "status $rc"

	# ^C reaches the command by itself; what wspctl has had before is told by then.
	printf '%s\n' '$SIG{INT} = sub { kill "TERM", getppid if !$n++ };
		$SIG{TERM} = sub { print "had $n\n"; exit };
		$| = 1; print "ready\n"; sleep 30 while 1' >"$tmp/count"
	rm -f "$tmp/keys" && mkfifo "$tmp/keys"
	script -qc "exec $ctl events perl $tmp/count" /dev/null <"$tmp/keys" >"$tmp/events" 2>&1 &
	follower=$!
	exec 5>"$tmp/keys"
	within grep -q ready "$tmp/events" || fail "does not begin"
	printf '\003' >&5
	within grep -q 'had' "$tmp/events" || fail "no signal: $(cat "$tmp/events")"
	grep -q 'had 1' "$tmp/events" || fail "told twice: $(cat "$tmp/events")"
	exec 5>&-
	within ended || kill -9 $follower
	wait $follower
}

nobody_reads() {
	for args in 'events -f' 'explain -l' status; do
		expect 0 bash -c "\"\$0\" $args | head -n 1; ! ((PIPESTATUS & ~141))" "$ctl"
		[ ! -s "$tmp/err" ] || fail "$args: $(cat "$tmp/err")"
	done
}

nowhere_to_write() {
	for args in --help --version status 'sockets -j' 'explain -l' 'events true' \
		'connect 127.0.0.1 9' doctor; do
		expect 3 sh -c "\"\$0\" $args >/dev/full" "$ctl"
		complains 'the answer could not be written'
	done
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

# Where a connect would not come to an end by itself.
doctor_dropped() {
	command -v nft >/dev/null || { skip "no nft" && return; }
	nft 'table ip wsp {
			chain in { type filter hook input priority 0; tcp dport != 1 drop; }
		}' ||
		{ skip "no netfilter" && return; }
	expect 1 timeout 30 "$ctl" doctor
	says '^sockets +FAIL.*Connection timed out; a firewall drops packets of lo'
	nft delete table ip wsp
}

# Other sockets, of which there are many, cost no more than they cost ss.
F_02_sockets_of_others() {
	# shellcheck disable=SC3045 # dash and bash have it
	ulimit -n 5000
	hold 'for (1 .. 4000) { socket my $s, AF_INET, SOCK_DGRAM, 0;
			bind $s, name "127.0.0.1", 0; push @s, $s }
		socket $w, 18, SOCK_DGRAM, 0; bind $w, name "127.0.0.1", 7000'
	expect 0 "$ctl" sockets
	[ "$(wc -l <"$tmp/out")" = 2 ] || fail "not one socket: $(cat "$tmp/out")"
	says '^dgram +ipv4 +idle +127.0.0.1:7000 '
	for program in "$ctl sockets" 'ss -uap'; do
		perl -e 'system "@ARGV >/dev/null";
			printf "%d\n", 100 * ((times)[2] + (times)[3])' \
			"$program"
	done >"$tmp/times"
	release
	echo "# hundredths of a second, wspctl and ss:" "$(paste -sd ' ' "$tmp/times")"
	awk '{ t[NR] = $1 } END { exit t[1] > 1.5 * t[2] + 20 }' "$tmp/times" ||
		fail "slower than ss"
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
	completes '--json --help' status --
	completes '--json --help' st --
	completes '--udp' connect --u
	completes '--strict --seccomp --help --' run -
	completes 'doctor' help d
	completes '' s --
	completes 'offset 2' run c
	completes 'offset 4' run --strict -- c -
	completes 'offset 4' events -n 1 c
	completes 'WSAECONNRESET WSAECONNREFUSED' explain WSAECONNRE
	completes 'F-03' explain F-03
	completes 'F-03' ex f-03
	completes 'WSAEMFILE WSAEMSGSIZE' explain wsaem
	completes "$("$ctl" explain -l | grep ^E- | paste -sd ' ')" explain e
	completes '--version' --v
}

installed() {
	[ -e "$tools/Makefile" ] || { skip "no sources of wspctl" && return; }
	command -v make >/dev/null || { skip "no make; install it" && return; }
	make -s -C "$tools" install DESTDIR="$tmp/root" PREFIX=/usr || fail "make install fails"
	for file in sbin/wspctl lib/wspctl/wspctl-preload.so share/man/man8/wspctl.8 \
		share/bash-completion/completions/wspctl; do
		[ -s "$tmp/root/usr/$file" ] || fail "no $file"
	done
	[ ! -e /usr/local/lib/wspctl ] || return
	expect 125 "$tmp/root/usr/sbin/wspctl" run --strict true
	complains 'no /.*wspctl-preload.so; install wspctl again'
}

F_05_no_permission() {
	range=$(cat $groups)
	echo 7 7 >$groups
	expect 3 "$ctl" connect 127.0.0.1 80
	complains 'permission denied; see net.wsp.create_group_range'
	expect 1 "$ctl" doctor
	says '^groups +FAIL +none of your groups.*sysctl net.wsp.create_group_range='
	says '^sockets +FAIL '
	echo "$range" >$groups
}

F_05_other_number() {
	rmmod wspfam || fail "does not unload"
	insmod "$WSPFAM_KO" family=13 || fail "does not load as 13"
	expect 0 "$ctl" status
	says '^family +13$'
	expect 0 "$ctl" doctor
	says '^family +note +13, not'
}

# A socket loads the module where the administrator has it so.
F_05_on_demand() {
	modprobe=$(cat /proc/sys/kernel/modprobe)
	printf '#!/bin/sh\ncase $* in *net-pf-18*) insmod %s ;; esac\n' \
		"$WSPFAM_KO" >"$tmp/modprobe"
	chmod +x "$tmp/modprobe"
	echo "$tmp/modprobe" >/proc/sys/kernel/modprobe
	for args in 'connect -u 127.0.0.1 9' doctor 'run --strict true'; do
		rmmod wspfam || fail "does not unload"
		expect 3 "$ctl" status
		# shellcheck disable=SC2086 # several words
		expect 0 "$ctl" $args
		[ -d /sys/module/wspfam ] || fail "$args does not load it"
	done
	echo "$modprobe" >/proc/sys/kernel/modprobe
}

F_05_no_module() {
	rmmod wspfam || fail "does not unload"
	for verb in status sockets 'events true' 'connect 127.0.0.1 80'; do
		# shellcheck disable=SC2086 # several words
		expect 3 "$ctl" $verb
		complains "^wspctl ${verb%% *}: wspfam is not loaded"
	done
	expect 3 "$ctl" -j status
	json 'not $_->{loaded}'
	said=$(sed -n 's/^wspctl status: //p' "$tmp/err")
	expect 1 "$ctl" doctor
	says '^module +FAIL +wspfam is not .*(make install|modprobe wspfam)'
	grep -qF "$said" "$tmp/out" || fail "doctor does not say '$said'"
	says '^family +ok +the number 18 is free'
	expect 0 "$ctl" explain C-05
	insmod "$WSPFAM_KO" || fail "does not load again"
}

[ -n "$WSPFAM_KO" ] || echo "# WSPFAM_KO is not set: nothing without the module"
# shellcheck disable=SC2046 # none or two
run_tests bad_arguments shortened help status F_02_sockets F_02_sockets_of_others connect_refused \
	connect_made E_16_connect_timeout connect_to_nobody explain events \
	events_of_namespaces events_followed events_lost events_killed events_nohup \
	events_signals nobody_reads nowhere_to_write doctor doctor_dropped completion \
	installed F_05_no_permission \
	$([ -z "$WSPFAM_KO" ] || echo F_05_other_number F_05_on_demand F_05_no_module)
