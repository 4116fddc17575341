#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# wspctl run, with programs of each kind: wsp_probe.c, built in several ways.

# shellcheck disable=SC2016 # the variables are another shell's
# shellcheck source-path=SCRIPTDIR source=wsp_ctl_env.sh
. "$(dirname "$0")/wsp_ctl_env.sh"

F_01_run() {
	for program in $kinds; do
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

# A file may say anything of itself, such as that a note begins before it, where a
# large one has nothing in memory.
run_crafted() {
	perl -e 'local $/; $_ = <STDIN>; my $wide = ord(substr $_, 4) == 2;
		my ($count, $first, $each, $offset, $filesz, $word) =
			$wide ? (56, 64, 56, 8, 32, "q") : (44, 52, 32, 4, 16, "l");
		for my $i (0 .. unpack("x$count S", $_) - 1) {
			my $at = $first + $each * $i; next if unpack("x$at L", $_) != 4;
			substr($_, $at + $offset, $wide ? 8 : 4) = pack $word, -16;
			substr($_, $at + $filesz, $wide ? 8 : 4) = pack $word, 4096 }
		print' <"$tmp/dynamic" >"$tmp/crafted" && chmod +x "$tmp/crafted"
	truncate -s 64M "$tmp/crafted"
	program=crafted
	expect 42 "$ctl" run -- "$tmp/crafted"
	same wsp
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
	cp "$tmp/dynamic" "$tmp/setuid" && chmod u+s "$tmp/setuid"
	expect 42 nobody "$ctl" run -- sh -c "$tmp/setuid; exit \$?"
	program="a setuid child" && same plain
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
	same wsp
}

F_05_no_permission() {
	range=$(cat $groups)
	echo 7 7 >$groups
	expect 125 "$ctl" run --strict -- "$tmp/dynamic"
	complains 'permission denied'
	for program in dynamic raw; do
		expect 42 "$ctl" run -- "$tmp/$program"
		complains 'going on with plain sockets'
		same plain
	done
	echo "$range" >$groups
}

F_05_denied_later() {
	range=$(cat $groups)
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

F_05_other_number() {
	rmmod wspfam || fail "does not unload"
	insmod "$WSPFAM_KO" family=13 || fail "does not load as 13"
	for program in dynamic raw; do
		expect 42 "$ctl" run --strict -- "$tmp/$program"
		same wsp
	done
}

F_05_no_module() {
	within no_supervisor
	rmmod wspfam || fail "does not unload"
	expect 125 "$ctl" run --strict -- "$tmp/dynamic"
	complains '^wspctl run: wspfam is not loaded'
	for program in dynamic raw; do
		expect 42 "$ctl" run -- "$tmp/$program"
		complains 'going on with plain sockets'
		same plain
	done
	insmod "$WSPFAM_KO" || fail "does not load again"
}

[ -n "$WSPFAM_KO" ] || echo "# WSPFAM_KO is not set: nothing without the module"
# shellcheck disable=SC2046 # none or two
run_tests programs F_01_run F_06_nothing_left run_children run_chooses run_crafted run_statuses \
	run_privileged F_04_run_elsewhere F_05_no_permission F_05_denied_later \
	$([ -z "$WSPFAM_KO" ] || echo F_05_other_number F_05_no_module)
