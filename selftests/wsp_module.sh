#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Loading and removing the module (F-05, F-06), by its .ko: $WSPFAM_KO, or else
# the installed one. It is put back as it was in the end.

# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

ko=${WSPFAM_KO:-$(modinfo -n wspfam 2>/dev/null)}
[ "$(id -u)" = 0 ] || skip_all "only root can load modules"
[ -n "$ko" ] || skip_all "no module to load; set WSPFAM_KO to the path of wspfam.ko"
[ -r "$ko" ] || skip_all "cannot read $ko; set WSPFAM_KO to the path of wspfam.ko"

parameter=/sys/module/wspfam/parameters/family
loaded() { [ -d /sys/module/wspfam ]; }

before=
! loaded || before=$(cat $parameter)
modprobe_before=$(cat /proc/sys/kernel/modprobe)
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"

restore() {
	echo "$modprobe_before" >/proc/sys/kernel/modprobe
	rm -rf "$tmp"
	if loaded && [ "$before" != "$(cat $parameter)" ]; then
		rmmod wspfam
	fi
	[ -z "$before" ] || loaded || insmod "$ko" "family=$before"
}
trap restore EXIT
trap 'exit 1' HUP INT TERM

# opens FAMILY [TYPE [PROTOCOL]]: is there such a socket?
opens() { perl -e 'socket(my $s, shift, shift, shift) or exit 1' "$1" "${2:-1}" "${3:-0}"; }

# Loads with arguments; "log" is then what the kernel has said meanwhile.
mark=0
load() {
	mark=$((mark + 1))
	echo "wsp_module.sh: load $mark $*" >/dev/kmsg
	insmod "$ko" "$@" 2>"$tmp/insmod"
}
log() { dmesg | sed "1,/wsp_module.sh: load $mark /d"; }

unload() {
	! loaded || rmmod wspfam || fail "the module does not unload"
}

# refused WORD ARGUMENT...: it does not load, and the kernel says WORD.
refused() {
	word=$1
	shift
	if load "$@"; then
		fail "loads with $*"
		unload
	fi
	log | grep -q -e "$word" || fail "the log does not say $word after $*"
	! loaded || fail "$* leaves the module half loaded"
	[ ! -e /proc/sys/net/wsp ] || fail "$* leaves sysctls behind"
}

F_05_described() {
	modinfo -p "$ko" | grep -q '^family:.*number.*default 18' ||
		fail "modinfo does not describe the parameter family"
	[ "$(modinfo -F license "$ko")" = GPL ] || fail "no licence"
	[ -n "$(modinfo -F description "$ko")" ] || fail "no description"
}

# The kernel's own family numbers, in use by others.
F_05_family_taken() {
	for family in 1 2 10 16; do
		refused "wspfam: family.*$family.*taken.*family=" "family=$family"
		opens "$family" 2 || fail "family $family does not work any more"
	done
}

F_05_family_out_of_range() {
	for family in 0 46 47 200 4294967295; do
		refused "wspfam: family=$family" "family=$family"
	done
	refused 'parameter.*family' family=x
	refused 'parameter.*family' family=-1
	refused 'parameter.*family' family=4294967296
}

F_05_family_of_choice() {
	for family in 13 14 22; do
		load "family=$family" || fail "does not load with family=$family"
		[ "$(cat $parameter)" = $family ] || fail "the parameter is not $family"
		for type in 1 2; do
			opens $family $type 0 || fail "no socket of family $family"
			opens $family $type 1 || fail "no socket of family $family"
		done
		! opens 18 || fail "there is a family 18 besides $family"
		unload
		! opens $family || fail "family $family outlives the module"
	done
}

F_05_loaded_once() {
	load || fail "does not load"
	! load family=13 || fail "loads twice"
	opens 18 || fail "a second load breaks the first"
	! opens 13 || fail "a second load makes a second family"
	unload
}

# A modprobe that knows the module by its file: what an alias would do.
make_modprobe() {
	dir=$tmp/lib/modules/$(uname -r)
	mkdir -p "$dir" && cp "$ko" "$dir/wspfam.ko" || return
	depmod -b "$tmp" 2>/dev/null
	: >"$tmp/conf"
	cat >"$tmp/modprobe" <<-END
		#!/bin/sh
		echo "\$*" >>$tmp/asked
		exec modprobe -C $tmp/conf -d $tmp "\$@"
	END
	chmod +x "$tmp/modprobe"
	echo "$tmp/modprobe" >/proc/sys/kernel/modprobe
}

F_05_not_loaded_on_demand() {
	make_modprobe || fail "cannot make a modprobe"
	! opens 18 || fail "socket() loads the module"
	grep -q 'net-pf-18' "$tmp/asked" || fail "the kernel did not ask for it"
	! loaded || fail "the module is loaded"
	! modinfo -F alias "$ko" | grep . || fail "the module has an alias"
}

F_05_unless_the_administrator_says_so() {
	echo 'alias net-pf-18 wspfam' >"$tmp/conf"
	opens 18 || fail "an alias does not load it"
	loaded || fail "the module is not loaded"
	unload
	echo "$modprobe_before" >/proc/sys/kernel/modprobe
}

F_06_again_and_again() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		load || fail "does not load, round $i"
		opens 18 $((i % 2 + 1)) $((i / 2 % 2)) || fail "no socket, round $i"
		unload
		! loaded || fail "still there, round $i"
		[ ! -e /proc/sys/net/wsp ] || fail "sysctls are left, round $i"
	done
}

# The holder says when it has its socket, and ends with its standard input.
hold_socket() {
	rm -f "$tmp/hold" "$tmp/held"
	mkfifo "$tmp/hold" "$tmp/held"
	perl -e "socket(my \$s, 18, 1, 0) or die; $1"' print "\n"; close STDOUT; <STDIN>' \
		<"$tmp/hold" >"$tmp/held" &
	exec 3>"$tmp/hold"
	read -r _ <"$tmp/held" || fail "there is no holder"
	! rmmod wspfam 2>/dev/null || fail "unloads under a socket"
	loaded || fail "is gone under a socket"
}

let_go() {
	exec 3>&-
	wait $!
	unload
	! loaded || fail "stays when the socket is gone"
}

F_06_not_while_in_use() {
	load || fail "does not load"
	hold_socket ''
	let_go
}

# netlink_sockets: how many rtnetlink has in this namespace.
netlink_sockets() { awk '$2 == 0' /proc/net/netlink | wc -l; }

# Whoever has asked for changes (WSP_IOC_CHANGE) is a user too, and while they come.
I_06_F_06_not_while_changes_are_asked_for() {
	# shellcheck disable=SC2016 # they are perl's
	ask='my $a = pack("L4", 0x200, 1, 0, 0); ioctl($s, 0xc01057cb, $a) or die;'
	before_asking=$(netlink_sockets)
	for i in 1 2 3 4 5; do
		load || fail "does not load, round $i"
		hold_socket "$ask"
		[ "$(netlink_sockets)" = $((before_asking + 1)) ] ||
			fail "nobody listens for changes, round $i"
		ip link add wsp-m up type dummy || fail "no link"
		! rmmod wspfam 2>/dev/null || fail "unloads under a request"
		ip link del wsp-m
		let_go
		[ "$(netlink_sockets)" = "$before_asking" ] ||
			fail "somebody still listens, round $i"
	done
}

why=
unload 2>/dev/null
[ -z "$why" ] || skip_all "the module is in use and cannot be unloaded"
for dep in $(modinfo -F depends "$ko" | tr , ' '); do
	modprobe "$dep"
done

run_tests F_05_described F_05_family_taken F_05_family_out_of_range \
	F_05_family_of_choice F_05_loaded_once F_05_not_loaded_on_demand \
	F_05_unless_the_administrator_says_so F_06_again_and_again \
	F_06_not_while_in_use I_06_F_06_not_while_changes_are_asked_for
