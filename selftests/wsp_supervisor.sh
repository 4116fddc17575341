#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wspctl run's supervisor: sockets are like those that the program would have made,
# with its namespace, user and cgroup; or there are none of the family. And what
# --strict promises.

# shellcheck disable=SC2016 # the variables are another shell's
tools_needed="ip mount perl pkill setpriv ss unshare"
# shellcheck source-path=SCRIPTDIR source=wsp_ctl_env.sh
. "$(dirname "$0")/wsp_ctl_env.sh"
cgroups=/sys/fs/cgroup
raw=$tmp/raw

# A process's numbers in one namespace are other processes' in another.
F_04_foreign_proc() {
	program=raw
	expect 125 unshare -n -p -f --kill-child \
		"$ctl" run --strict --seccomp -- setpriv --reuid=65534 \
		--regid=65534 --clear-groups "$raw"
	complains '/proc is not of this pid namespace'
	expect 125 nobody unshare -r -p -f --kill-child "$ctl" run --strict -- "$raw"
	complains '/proc is not of this pid namespace'
	expect 42 unshare -n -p -f --kill-child "$ctl" run --seccomp -- "$raw"
	same plain
	complains 'going on with plain sockets'
	expect 42 unshare -n -p -f --kill-child --mount-proc "$ctl" run --strict --seccomp -- "$raw"
	same wsp
}

# The supervisor goes on after each, whoever may enter the namespace.
F_04_foreign_network() {
	program=raw
	cat "$tmp/wsp" "$tmp/wsp" "$tmp/wsp" >"$tmp/thrice"
	for who in '' nobody; do
		# shellcheck disable=SC2086 # one word, or none
		expect 42 $who unshare -rn "$ctl" run --strict --seccomp -- \
			sh -c '"$0"; unshare -n "$0"; "$0"' "$raw"
		same thrice
		# shellcheck disable=SC2086 # one word, or none
		expect 42 $who "$ctl" run --strict --seccomp -- \
			sh -c '"$0"; unshare -rn "$0"; unshare -rn unshare -rn "$0"' "$raw"
		same thrice
		# Its network namespace belongs to a user namespace further out.
		# shellcheck disable=SC2086 # one word, or none
		expect 42 $who "$ctl" run --strict --seccomp -- \
			sh -c 'unshare -r unshare -n unshare -r "$0"' "$raw"
		same wsp
	done
}

# Of two threads, one is in another network.
F_04_thread() {
	expect 0 "$ctl" run --strict --seccomp -- perl -Mthreads -MSocket -Mwsp_nr -e '
		sub cookie {
			my ($value, $len) = ("\0" x 8, pack "i", 8);
			syscall nr_getsockopt, fileno $_[0], SOL_SOCKET, 71, $value, $len and
				die $!;
			$value }
		sub check {
			socket my $own, AF_UNIX, SOCK_STREAM, 0;
			socket my $given, AF_INET, SOCK_STREAM, 0 or die $!;
			open my $info, "<", "/proc/self/fdinfo/" . fileno $given;
			grep /^wsp-state/, <$info> or die "plain";
			cookie($own) eq cookie($given) or die "elsewhere";
			cookie $own }
		my $other = threads->create(sub { syscall nr_unshare, 0x40000000; check })->join;
		exit !($other && check() ne $other)'
}

# A user of a container that is none outside.
F_04_other_users() {
	program=raw
	expect 42 "$ctl" run --strict --seccomp -- setpriv --reuid=1 --regid=2 --groups=3,4 "$raw"
	same wsp
	expect 42 unshare -n setpriv --reuid=65534 --regid=65534 --clear-groups \
		"$ctl" run --strict --seccomp -- unshare -rn -- sh -c '"$0"' "$raw"
	same wsp
	# Root's container with many users, one of whom has another network.
	expect 42 "$ctl" run --strict --seccomp -- perl -Mwsp_nr -e '
		pipe R, W; pipe S, X; my $parent = $$;
		if (!fork) { close W; sysread R, $b, 1;
			for my $map ("uid_map", "gid_map") {
				open my $f, ">", "/proc/$parent/$map" or die;
				print $f "0 100000 1000" }
			syswrite X, "x"; exit 0 }
		close R; close X; syscall nr_unshare, 0x50000000; syswrite W, "x"; sysread S, $b, 1;
		syscall nr_setresgid, 0, 0, 0; syscall nr_setresuid, 0, 0, 0;
		exec "setpriv", "--reuid=7", "--regid=8", "--groups=9", @ARGV' "$raw"
	same wsp
}

listening='use Socket; $| = 1; socket my $s, AF_INET, SOCK_STREAM, 0 or die $!;
	bind $s, pack_sockaddr_in(5000, INADDR_LOOPBACK) or die $!; listen $s, 5 or die $!;
	open my $info, "<", "/proc/self/fdinfo/" . fileno $s;
	print grep(/^wsp-state/, <$info>) ? "wsp" : "plain", "\n";
	system "ss -Htln --cgroup sport = 5000"'

F_04_other_cgroup() {
	[ -w $cgroups/cgroup.procs ] || { skip "no cgroups" && return; }
	ss --help | grep -q cgroup || { skip "ss does not show cgroups" && return; }
	mkdir $cgroups/wsp-here $cgroups/wsp-there
	for how in '' nobody; do
		# The program starts here, and goes there before it makes its socket.
		rm -f "$tmp/gate" && mkfifo "$tmp/gate"
		for strict in '' --strict; do
			set -- "$ctl" run $strict --seccomp -- \
				sh -c 'read -r _ <"$0"; exec perl -e "$1"' "$tmp/gate" "$listening"
			[ -z "$how" ] ||
				set -- setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
			sh -c 'echo $$ >"$0/cgroup.procs"; exec "$@"' $cgroups/wsp-here "$@" \
				>"$tmp/out" 2>"$tmp/err" &
			pid=$!
			exec 4>"$tmp/gate"
			echo $pid >$cgroups/wsp-there/cgroup.procs || fail "cannot be moved"
			echo go >&4
			exec 4>&-
			wait $pid
			case $how$strict in
			nobody)
				says '^plain'
				complains 'its cgroup cannot be entered'
				says 'cgroup:/wsp-there' ;;
			nobody--strict)
				complains 'Operation not permitted'
				complains 'has no sockets: its cgroup cannot be entered' ;;
			*)
				says '^wsp'
				says 'cgroup:/wsp-there' ;;
			esac
		done
	done
	within no_supervisor
	rmdir $cgroups/wsp-here $cgroups/wsp-there || fail "cgroups are left"
}

# What cannot be had there is not to be evaded.
F_04_other_cgroup_1() {
	program=raw
	mkdir "$tmp/net_prio"
	mount -t cgroup -o net_prio none "$tmp/net_prio" || { skip "no net_prio" && return; }
	mkdir "$tmp/net_prio/there"
	there="echo \$\$ >$tmp/net_prio/there/cgroup.procs; exec $raw"
	expect 42 "$ctl" run --seccomp -- sh -c "$there"
	same plain
	complains 'plain sockets: its cgroup cannot be entered'
	expect 42 "$ctl" run --strict -- sh -c "$there"
	says '^stream: Operation not permitted'
	expect 42 sh -c "echo \$\$ >$tmp/net_prio/there/cgroup.procs
		exec \"\$@\"" sh "$ctl" run --strict -- "$raw"
	same wsp
	within no_supervisor
	rmdir "$tmp/net_prio/there"
	umount "$tmp/net_prio"
}

# A policy would not see such a socket made.
F_04_other_label() {
	[ -d /sys/module/apparmor ] || { skip "no AppArmor" && return; }
	echo 'profile wsp-other flags=(attach_disconnected,mediate_deleted) { file, network,
		capability, unix, signal, ptrace, }' | apparmor_parser -qKr || fail "no profile"
	confine='open my $f, ">", "/proc/self/attr/current" or die;
		syswrite $f, "changeprofile wsp-other" or die $!; exec @ARGV'
	program=raw
	expect 42 "$ctl" run --seccomp -- perl -e "$confine" "$raw"
	same plain
	complains 'plain sockets: its security label is another'
	expect 42 "$ctl" run --strict --seccomp -- perl -e "$confine" "$raw"
	says '^stream: Operation not permitted'
	expect 42 perl -e "$confine" "$ctl" run --strict --seccomp -- "$raw"
	same wsp
}

# Who waits for all children finds none that it has not made.
orphanage='1 while wait > 0; exit 7'
F_06_no_children() {
	expect 7 timeout -k 5 20 unshare -p -f --kill-child --mount-proc \
		"$ctl" run --seccomp -- perl -e "$orphanage"
	expect 7 nobody timeout -k 5 20 unshare -r -p -f --kill-child --mount-proc \
		"$ctl" run --seccomp -- perl -e "$orphanage"
	subreaper='syscall nr_prctl, 36, 1, 0, 0, 0; exec @ARGV'
	expect 7 timeout -k 5 20 perl -Mwsp_nr -e "$subreaper" \
		"$ctl" run --seccomp -- perl -e "$orphanage"
	# It is a subreaper still, and its end and its signals are its own.
	expect 9 perl -Mwsp_nr -e "$subreaper" "$ctl" run --seccomp -- \
		perl -e 'if (!fork) { exit if fork; exit 9 if getppid > 1; exit 8 }
			$s = 0; while (wait > 0) { $s ||= $? >> 8 } exit $s'
	expect 143 unshare -p -f --kill-child --mount-proc "$ctl" run --seccomp -- sh -c 'kill $$'
	expect 5 unshare -p -f --kill-child --mount-proc "$ctl" run --seccomp -- \
		perl -e '$SIG{USR1} = sub { exit 5 }; kill "USR1", 1; sleep 30'
}

F_06_ignored_sigchld() {
	program=raw
	for how in '' --seccomp; do
		# shellcheck disable=SC2086 # one word, or none
		expect 0 perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$ctl" run --strict $how -- \
			grep -q '^SigIgn:.*[13579bdf]....$' /proc/self/status
		expect 42 perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$ctl" run --strict -- \
			perl -e '$SIG{CHLD} = "DEFAULT"; exec @ARGV' "$raw"
		same wsp
	done
}

F_06_closed_descriptors() {
	program=raw
	for closed in '<&- >&-' '<&- >&- 2>&-'; do
		expect 42 sh -c '"$0" run --strict --seccomp -- sh -c "exec >\"\$0\"; \"\$1\"" \
			"$1" "$2" '"$closed" "$ctl" "$tmp/said" "$raw"
		mv "$tmp/said" "$tmp/out"
		same wsp
	done
	expect 1 sh -c '"$0" run --seccomp -- sh -c "[ -e /proc/self/fd/1 ]" >&-' "$ctl"
}

run_text() {
	echo 'exit $#' >"$tmp/text" && chmod +x "$tmp/text"
	expect 2 "$ctl" run -- "$tmp/text" a b
	expect 2 "$ctl" run --strict -- "$tmp/text" a b
}

# The supervisor that answers, not the one that stands by.
kill_supervisor='pkill -9 -x wspctl-run; while pgrep -x wspctl-run >/dev/null; do :; done'
F_06_killed_supervisor() {
	program=raw
	expect 42 "$ctl" run --seccomp -- sh -c "$kill_supervisor; \"\$0\"" "$raw"
	same plain
	complains 'the supervisor has died; going on with plain sockets'
	expect 42 "$ctl" run --strict --seccomp -- sh -c "$kill_supervisor; \"\$0\"" "$raw"
	says '^stream: Function not implemented'
	# Nobody who reads what is said has to wait for it.
	expect 0 timeout -k 5 20 sh -c '"$0" run --seccomp -- sh -c \
		"sleep 100 >/dev/null 2>&1 & echo \$!" 2>&1 |
			{ read -r pid; cat; kill $pid; }' "$ctl"
	within no_supervisor || fail "a supervisor is left"
}

# Who is left starts another; only without any, calls that are stopped fail for good.
pair='wspctl-(run|standby)'
F_06_killed_standby() {
	program=raw
	cat "$tmp/wsp" "$tmp/plain" >"$tmp/both"
	expect 42 "$ctl" run --seccomp -- sh -c 'left=$(pgrep -x wspctl-run)
		pkill -9 -x wspctl-standby
		until grep -qx wspctl-standby /proc/$left/comm && pgrep -x wspctl-run
		do :; done >/dev/null
		"$0"; '"$kill_supervisor; \"\$0\"" "$raw"
	same both
	complains 'the supervisor has died; going on with plain sockets'
	expect 42 "$ctl" run --seccomp -- sh -c "pkill -STOP -x '$pair'; pkill -9 -x '$pair'
		while pgrep -x '$pair' >/dev/null; do :; done; \"\$0\"" "$raw"
	says '^stream: Function not implemented'
}

F_06_nested() {
	program=raw
	expect 125 "$ctl" run --seccomp -- "$ctl" run --strict -- "$raw"
	complains 'cannot be strict within a wspctl run that is not'
	expect 42 "$ctl" run --seccomp -- env -i "$ctl" run -- "$raw"
	same wsp
	expect 42 "$ctl" run --strict -- env -i "$ctl" run -- "$raw"
	same wsp
	expect 42 "$ctl" run -- "$ctl" run --strict -- sh -c '"$0"' "$raw"
	same wsp
	expect 42 "$ctl" run --strict -- "$ctl" run --strict -- "$raw"
	same wsp
}

# What LD_PRELOAD does not reach, below a program that it does.
F_01_strict_children() {
	for program in dynamic static raw go 32 libc32; do
		"$tmp/$program" >/dev/null 2>&1
		[ $? = 42 ] || { echo "# $program: not executed by this kernel" && continue; }
		for who in '' nobody; do
			# shellcheck disable=SC2086 # one word, or none
			expect 42 $who "$ctl" run --strict -- \
				sh -c 'exec env -i "$0"' "$tmp/$program"
			same wsp
		done
	done
	program=dynamic
	mkdir "$tmp/a b:c" && cp "$ctl" "$tmp/wspctl-preload.so" "$tmp/a b:c"
	for strict in '' --strict; do
		# shellcheck disable=SC2086 # one word, or none
		expect 42 "$tmp/a b:c/wspctl" run $strict -- "$tmp/dynamic"
		same wsp
	done
	program=static
	mkdir "$tmp/root" && cp "$tmp/static" "$tmp/root"
	expect 42 "$ctl" run --strict -- chroot "$tmp/root" /static
	same wsp
	cp "$tmp/dynamic" "$tmp/setuid" && chmod u+s "$tmp/setuid"
	program="a setuid child"
	expect 42 nobody "$ctl" run --strict -- sh -c "$tmp/setuid; exit \$?"
	same wsp
}

# The C library's own sockets: a name server's, here.
F_01_strict_resolver() {
	echo "nameserver 127.0.0.1" >"$tmp/resolv.conf"
	echo "hosts: dns" >"$tmp/nsswitch.conf"
	for command in true 'getent ahosts no.such.host.example'; do
		before=$(count WspSockets)
		unshare -m sh -c 'mount --bind "$0/resolv.conf" /etc/resolv.conf &&
			mount --bind "$0/nsswitch.conf" /etc/nsswitch.conf &&
			exec "$0/wspctl" run --strict -- '"$command" "$tmp" >"$tmp/out" 2>&1
		made=$(($(count WspSockets) - before))
		echo "# $command: $made sockets"
		[ "$command" = true ] && alone=$made
	done
	[ "$made" -gt "$alone" ] || fail "the resolver has plain sockets"
}

F_01_strict_rings() {
	ring='syscall nr_io_uring_setup, 1, 0; exit($! == 1)'
	expect 1 "$ctl" run --strict -- perl -Mwsp_nr -e "$ring"
	expect 0 "$ctl" run --seccomp -- perl -Mwsp_nr -e "$ring"
}

# It cannot be told where such a program is: only its own calls can be trusted.
F_01_strict_undumpable() {
	program=undumpable
	undumpable='use wsp_nr; syscall nr_prctl, 4, 0, 0, 0, 0;
		exit(syscall(nr_socket, 2, 1, 0) < 0 ? $! : 0)'
	expect 1 nobody "$ctl" run --strict -- perl -e "$undumpable"
	complains 'no sockets: its namespaces are hidden'
	expect 0 nobody "$ctl" run --seccomp -- perl -e "$undumpable"
	complains 'plain sockets: its namespaces are hidden'
	expect 42 nobody "$ctl" run --strict -- "$tmp/dynamic"
	same wsp
	# It may not be read, so it is not dumpable.
	program=unreadable
	install -m 711 "$raw" "$tmp/unreadable"
	expect 42 nobody "$ctl" run --seccomp -- "$tmp/unreadable"
	same plain
	complains 'plain sockets: its namespaces are hidden'
	expect 42 nobody "$ctl" run --strict -- "$tmp/unreadable"
	says '^stream: Operation not permitted'
	expect 42 "$ctl" run --strict -- "$tmp/unreadable"
	same wsp
}

run_tests programs F_04_foreign_proc F_04_foreign_network F_04_thread \
	F_04_other_users F_04_other_cgroup F_04_other_cgroup_1 F_04_other_label \
	F_06_no_children F_06_ignored_sigchld F_06_closed_descriptors run_text \
	F_06_killed_supervisor F_06_killed_standby F_06_nested \
	F_01_strict_children F_01_strict_resolver F_01_strict_rings F_01_strict_undumpable
