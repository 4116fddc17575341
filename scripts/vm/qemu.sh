# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The emulators. Debian 12's own QEMU 7.2 loses the race between one processor that
# changes code and another that translates it: a guest of two processors that switches
# a tracepoint or a static key under traffic dies of an int3 that is no longer there,
# or hangs. So that of its backports is kept in the cache, for which the other brings
# the libraries. What counts the instructions of one processor stays with 7.2, which
# takes a third of the time.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

qemu_dir=$cache/qemu
qemu=("$qemu_dir/usr/bin/qemu-system-x86_64" -L "$qemu_dir/usr/share/qemu"
	-L "$qemu_dir/usr/share/seabios")

qemu_fetch() (
	[ -d "$qemu_dir" ] && exit
	need vm
	lock qemu
	[ -d "$qemu_dir" ] && exit
	apt_suite bookworm-backports
	rm -rf "$cache/.qemu."*
	tmp=$(mktemp -d "$cache/.qemu.XXXXXX") || die "cannot write to $cache"
	trap 'rm -rf "$tmp"' EXIT
	cd "$tmp" || exit
	apt_download qemu-system-x86 qemu-system-data seabios ||
		die "cannot download QEMU; is the network there?"
	unpack_packages tree
	"tree${qemu[0]#"$qemu_dir"}" --version >/dev/null ||
		die "the QEMU of bookworm-backports does not start here"
	mv tree "$qemu_dir"
)
