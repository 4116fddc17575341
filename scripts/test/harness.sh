#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The machinery itself, where it could say that all is well and be wrong, or lose what
# is in use. WSP_KERNEL is the kernel to boot.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source-path=SCRIPTDIR source=../../selftests/wsp_tap.sh
. "$top/selftests/wsp_tap.sh"

vm=$scripts/vm/vm kernel=${WSP_KERNEL:-6.1}
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"
trap 'umount -l "$tmp"/cache/kernels/* "$tmp/cache" 2>/dev/null; rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM

# judged STATUS LINE...: what the verdict on such a kernel log is.
judged() {
	local status=$1 rc

	shift
	printf '[    1.000000] %s\n' "$@" >"$tmp/log"
	"$vm" judge "$tmp/log" >"$tmp/out" 2>&1
	rc=$?
	[ $rc = "$status" ] || fail "status $rc, expected $status, for: $*"
}

complaints_are_heard() {
	local line

	while read -r line; do judged 125 "$line"; done <<-END
	WARNING: CPU: 0 PID: 1 at net/core/stream.c:212 f+0x1/0x2
	BUG: KASAN: slab-use-after-free in f+0x1/0x2
	rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
	rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-... }
	kworker/0:1: page allocation failure: order:4, mode:0x40cc0
	ref_tracker: lo@00000000 has 1/1 users at
	ref_tracker: net notrefcnt@0000000 leaked reference.
	unregister_netdevice: waiting for lo to become free. Usage count = 2
	END
	judged 0 "wspfam: loaded" "ref_tracker: nothing to say"
}

# race LINE...: a race of other code's, with these lines in the middle.
race() {
	local bar='=================================================================='

	judged "$1" "$bar" "BUG: KCSAN: data-race in ext4_a / ext4_b" \
		" ext4_a+0x1/0x2" "${@:2}" " ext4_b+0x1/0x2" "$bar" "and so on"
}

races_of_others_hide_nothing() {
	race 0 "read to 0xffff888100000000 of 4 bytes by task 1 on cpu 0:"
	race 125 "read to 0xffff888100000000 of 4 bytes by task 1 on cpu 0:" " wsp_connect+0x1/0x2"
	race 125 "WARNING: CPU: 1 PID: 2 at net/core/stream.c:212 f+0x1/0x2"
	race 125 "rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 1-... }"
}

# A cache of its own on a file system of SIZE, with a kernel that is otherwise only read.
small_cache() {
	local dir of=$cache/kernels/$kernel to=$tmp/cache

	[ -e "$of/release" ] ||
		of=$(find "$cache/kernels" -maxdepth 1 -name "$kernel-*" | head -n 1)
	[ -e "$of/release" ] || { skip "there is no kernel $kernel in the cache"; return 1; }
	dir=$to/kernels/${of##*/}
	if ! { mkdir -p "$to" && mount -t tmpfs -o "size=$1" wsp_harness "$to" &&
		mkdir -p "$dir" "$to/upper" "$to/work" &&
		mount -t overlay wsp_harness "$dir" \
			-o "lowerdir=$of,upperdir=$to/upper,workdir=$to/work"
	}; then
		skip "cannot mount a tmpfs and an overlay; run it as root"
		return 1
	fi
	rm -f "$dir"/initrd-*
	for dir in "$cache"/{qemu,source-*,tsc-*,accel-*}; do
		[ ! -e "$dir" ] || ln -s "$dir" "$to"
	done
}

full_disk_leaves_nothing() {
	small_cache 1m || return
	WSP_CACHE=$tmp/cache "$vm" run -k "$kernel" true >"$tmp/out" 2>&1 && fail "it ran"
	grep -q 'is the disk full?' "$tmp/out" || fail "it said: $(head -n 1 "$tmp/out")"
	[ -z "$(find "$tmp"/cache/{upper,initrd.*} -type f 2>/dev/null)" ] ||
		fail "part of an initramfs has stayed"
	mount -o remount,size=200m "$tmp/cache"
	WSP_CACHE=$tmp/cache "$vm" run -k "$kernel" true >"$tmp/out" 2>&1 ||
		fail "later, with room, it says: $(head -n 1 "$tmp/out")"
}

path_with_a_space() {
	WSP_CACHE="$tmp/a b" "$vm" run true >"$tmp/out" 2>&1 && fail "it ran"
	grep -q 'no path may have a space' "$tmp/out" || fail "it said: $(head -n 1 "$tmp/out")"
	[ ! -e "$tmp/a b" ] || fail "it made the cache all the same"
}

# Other architectures are named where there is none of that name.
unknown_kernels() {
	local name

	for name in 6.2 6.1-vax 6.1- 6.2-rt rt uml-rt uml-arm64 arm64; do
		"$vm" run -k "$name" true >"$tmp/out" 2>&1 && fail "$name ran"
		grep -q "unknown kernel '$name'; .* 6.1-ARCH .* arm64 armhf" "$tmp/out" ||
			fail "$name: it said: $(head -n 1 "$tmp/out")"
	done
}

# What make check ARCH= is called with: each kernel of that architecture.
architectures() {
	local by_hand=(env -u MAKEFLAGS -u KERNELS -u ARCH make -s -n -C "$top" check)

	"${by_hand[@]}" ARCH=arm64 KERNELS='6.1 6.12' >"$tmp/out" 2>&1
	grep -q 'test/check 6\.1-arm64 6\.12-arm64$' "$tmp/out" ||
		fail "make would call: $(head -n 1 "$tmp/out")"
	"${by_hand[@]}" >"$tmp/out" 2>&1
	grep -q 'test/check 6\.1$' "$tmp/out" || fail "without it: $(head -n 1 "$tmp/out")"
}

# Packages for this machine are no matter for who brings a compiler of another.
own_compiler() {
	env -u MAKEFLAGS -u CC make -s -n -C "$top" libwsp >"$tmp/out" 2>&1
	grep -q scripts/deps "$tmp/out" || fail "packages are not looked for"
	env -u MAKEFLAGS -u CC make -s -n -C "$top" libwsp CC=another-gcc >"$tmp/out" 2>&1
	! grep -q scripts/deps "$tmp/out" || fail "packages are looked for"
}

# ran PROGRAM: in a log, with one test that passes.
ran() { printf '# begin %s\n1..1\nok 1 %s\n# end %s 0\n' "$1" "$1" "$1"; }

row() { tr -d '`' <"$tmp/page" | tr -s ' ' | grep -qxF " $*" || fail "no row: $*"; }

tabulate() { "$scripts/docs/kernels-table" "$tmp/page" "$@" >"$tmp/out" 2>&1; }

# A row is what the log says, with what has failed or never ended, be it all or a part.
table_of_kernels() {
	local all of prog

	"$scripts/deps" python >"$tmp/out" 2>&1 || { skip "there is no python3"; return; }
	all=$(sed -nE 's/^TEST_(GEN_)?PROGS [:+]= //p' "$top/selftests/Makefile" |
		tr ' ' '\n' | grep -vx wsp_headers.sh)
	of="of $(wc -l <<<"$all")"
	printf '   %s\n' 'Architecture | Kernel' 'i386 | 6.1-i386 | 6.1.0 | 1 | 0 | 0 | none' \
		'amd64 | uml | 7.3 | 5 | 0 | 0 | all' >"$tmp/page"
	{
		echo '# kernel uml 7.4-uml'
		for prog in $all; do ran "$prog"; done
		printf '# kernel none\n# begin harness.sh\n1..1\nnot ok 1 x\n# end harness.sh 1\n'
	} >"$tmp/whole"
	{
		printf '# kernel 6.1-arm64 6.1.9-arm64\n# begin wsp_faults\n1..0 # SKIP without\n'
		echo '# end wsp_faults 4'
		for prog in ${all/wsp_faults/}; do ran "$prog"; done
	} >"$tmp/skips"
	{
		printf '# kernel 6.1-rt 6.1.9-rt-amd64\n# begin wsp_queue\n1..3\nok 1 a\n'
		printf 'ok 2 b # SKIP c\nnot ok 3 d\n# end wsp_queue 1\n'
		ran wsp_dgram
		printf '# begin wsp_stream\n1..2\nok 1 e\n'
	} >"$tmp/part"
	{
		echo '# kernel 6.12-rt 6.12.9-rt-amd64'
		ran wsp_dgram
		echo 'not ok 1 guest'
	} >"$tmp/guest"
	tabulate "$tmp/part" "$tmp/whole" "$tmp/skips" "$tmp/guest" ||
		fail "it said: $(cat "$tmp/out")"
	row 'i386 | 6.1-i386 | 6.1.0 | 1 | 0 | 0 | none'
	row "amd64 | uml | 7.4-uml | ${of#* } | 0 | 0 | ${of#* } $of"
	row "arm64 | 6.1-arm64 | 6.1.9-arm64 | $((${of#* } - 1)) | 0 | 1 |" \
		"$((${of#* } - 1)) $of, not wsp_faults"
	row 'amd64 | 6.1-rt | 6.1.9-rt-amd64 | 3 | 2: wsp_queue, wsp_stream | 1 |' \
		"3 $of: wsp_stream, wsp_dgram, wsp_queue"
	row "amd64 | 6.12-rt | 6.12.9-rt-amd64 | 1 | 1: module or guest | 0 | 1 $of: wsp_dgram"
	[ "$(wc -l <"$tmp/page")" = 6 ] || fail "there are $(wc -l <"$tmp/page") lines"
	# What ran later counts, and a log without a result makes no row.
	sed '/^# begin wsp_stream/,$d; s/^not ok/ok/; s/9-rt/10-rt/; s/ 1$/ 0/' "$tmp/part" \
		>"$tmp/later"
	tabulate "$tmp/part" "$tmp/later" || fail "it said: $(cat "$tmp/out")"
	row 'amd64 | 6.1-rt | 6.1.10-rt-amd64 | 4 | 1: wsp_stream | 1 |' \
		"3 $of: wsp_stream, wsp_dgram, wsp_queue"
	echo '# kernel uml 7.5-uml' >"$tmp/whole"
	tabulate "$tmp/whole" && fail "a row of nothing"
	row "amd64 | uml | 7.4-uml | ${of#* } | 0 | 0 | ${of#* } $of"
}

# What is old goes, but what is in use stays.
old_and_in_use() {
	mkdir "$tmp/run.idle" "$tmp/run.used" "$tmp/run.new"
	touch -d '3 days ago' "$tmp/run.idle" "$tmp/run.used"
	exec 9<"$tmp/run.used"
	flock -s 9
	remove_old "$tmp" 'run.*' 2
	exec 9<&-
	[ ! -e "$tmp/run.idle" ] || fail "what nobody uses has stayed"
	[ -e "$tmp/run.used" ] || fail "what was in use has gone"
	[ -e "$tmp/run.new" ] || fail "what is new has gone"
}

another_host() {
	sed -e 's/^ID=.*/ID=fedora/' -e 's/^PRETTY_NAME=.*/PRETTY_NAME="Fedora 44"/' \
		/etc/os-release >"$tmp/os-release"
	# shellcheck disable=SC2016 # the arguments are the inner shell's
	unshare -m sh -c 'mount --bind "$1" "$(realpath /etc/os-release)" && exec "$2" vm' \
		- "$tmp/os-release" "$scripts/deps" >"$tmp/out" 2>&1 && fail "it went on"
	grep -q 'Debian 12 on amd64; here is Fedora 44' "$tmp/out" ||
		fail "it said: $(head -n 1 "$tmp/out")"
	[ "$(wc -l <"$tmp/out")" = 1 ] || fail "it said more than one sentence"
}

help_fits_a_screen() {
	local goal

	make -s -C "$top" help >"$tmp/out" || fail "status $?"
	[ "$(wc -l <"$tmp/out")" -lt 24 ] || fail "it has $(wc -l <"$tmp/out") lines"
	! grep -n '.\{80\}' "$tmp/out" || fail "it has lines of 80 columns"
	sed -n 's/^\.PHONY: //p' "$top/Makefile" | tr ' ' '\n' |
		grep -vxE 'all|kdir|compiler|help' >"$tmp/goals"
	while read -r goal; do
		grep -qw -e "$goal" "$tmp/out" || fail "it does not say make $goal"
	done <"$tmp/goals"
}

# The second of two runs in one checkout waits, and says for what.
two_at_once() {
	local pid deadline=$((SECONDS + 60))

	(
		exec 9>"$cache/lock/check-$(checkout_id)"
		flock -n 9
		TEST=no_such_test exec timeout 60 "$scripts/test/check" "$kernel"
	) >"$tmp/out" 2>&1 9>&- &
	pid=$!
	until grep -q 'waiting for its end' "$tmp/out" || [ $SECONDS -ge $deadline ]; do
		sleep 0.1
	done
	grep -q 'waiting for its end' "$tmp/out" || fail "it said: $(tail -n 1 "$tmp/out")"
	kill $pid 2>/dev/null
	wait $pid
}

# A tar of the test programs has all that these need where the tree is not, with the
# kernel's runner; what is about the tree itself is skipped.
kselftest_in_a_tar() {
	local name module dir=$tmp/kselftest

	# Unpacked here, where nothing is emulated.
	if ! { module=$("$scripts/kernels/module" "$kernel") &&
		make -s -C "$top/selftests" gen_tar KSFT_INSTALL_PATH="$dir" &&
		mkdir "$tmp/t" && tar -xf "$dir/kselftest-packages/kselftest.tar.gz" -C "$tmp/t"
	} >"$tmp/out" 2>&1; then
		fail "make gen_tar: $(tail -n 1 "$tmp/out")"
		return
	fi
	while IFS=: read -r _ name; do
		[ -x "$dir/wsp/$name" ] || fail "the list names $name, which is not there"
	done <"$dir/kselftest-list.txt"
	[ -s "$dir/wsp/config" ] || fail "there are no config fragments"
	# shellcheck disable=SC2016 # the arguments are the inner shell's
	"$vm" run -k "$kernel" -m "$module" -t 1000 -e "WSP_TESTS=programs F_01_run" -- sh -c '
		mount -t tmpfs none "$2" && cd "$1" && shift 2 && ./run_kselftest.sh "$@"' \
		- "$tmp/t" "$top" \
		-t wsp:wsp_startup -t wsp:wsp_run.sh -t wsp:wsp_tutorial.sh >"$tmp/out" 2>&1 ||
		fail "the guest failed"
	for name in 'wsp_startup' 'wsp_run\.sh' 'wsp_tutorial\.sh # SKIP'; do
		grep -q "^ok [123] selftests: wsp: $name\$" "$tmp/out" || fail "not ok: $name"
	done
	[ -z "$why" ] || sed 's/^/#   /' "$tmp/out"
}

run_tests complaints_are_heard races_of_others_hide_nothing full_disk_leaves_nothing \
	path_with_a_space unknown_kernels architectures own_compiler table_of_kernels \
	old_and_in_use another_host two_at_once help_fits_a_screen kselftest_in_a_tar
