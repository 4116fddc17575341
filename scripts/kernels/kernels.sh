# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian kernels in the cache: $cache/kernels/SERIES holds the unpacked
# packages of one kernel, ready to boot and to build against.

# shellcheck source-path=SCRIPTDIR source=built.sh
. "$(dirname "${BASH_SOURCE[0]}")/built.sh"

kernel_suite() {
	case $1 in
	6.1) echo own ;;
	6.12) echo bookworm-backports ;;
	7.3) echo trixie-backports ;;
	uml | debug | kcsan) echo built ;;
	*) die "unknown kernel '$1'; known are 6.1, 6.12, 7.3, uml, debug and kcsan" ;;
	esac
}

# Where kernel $1 is, or will be.
kernel_dir() {
	if built_parts "$1" >/dev/null; then
		built_dir "$1"
	else
		echo "$cache/kernels/$1"
	fi
}

depends() {
	apt-cache "${apt_opts[@]}" depends --no-recommends --no-suggests \
		--no-conflicts --no-breaks --no-replaces --no-enhances "$1" |
		sed -n 's/^ *|* *Depends: //p'
}

# The release (as uname -r) of the newest stock kernel of series $1 that has
# headers too; newest by version, not by name.
kernel_release() {
	local rel

	if [ "$2" = own ]; then
		depends linux-image-amd64 | sed -n 's/^linux-image-\(6\.1\..*\)/\1/p'
		return
	fi
	apt-cache "${apt_opts[@]}" pkgnames "linux-image-$1" |
		sed -nE "s/^linux-image-(${1/./\\.}[.+-][0-9a-z.+~-]*-amd64)\$/\1/p" |
		grep -vE -- '-(rt|cloud)-amd64$' | sort -rV |
		while read -r rel; do
			apt-cache "${apt_opts[@]}" show "linux-headers-$rel" >/dev/null 2>&1 ||
				continue
			echo "$rel"
			break
		done
}

# The packages that make up kernel $1 and its headers.
kernel_packages() {
	echo "linux-image-$1"
	depends "linux-image-$1" | grep -xF -e "linux-base-$1" \
		-e "linux-binary-$1" -e "linux-modules-$1"
	echo "linux-headers-$1"
	depends "linux-headers-$1" | grep -E '^linux-(headers-.*-common|kbuild-)'
}

# An uncompressed kernel spares the guest the unpacking (xz under emulation
# takes seconds). Offsets are those of the boot protocol, 2.08 and later.
unpack_image() {
	local setup off len magic cat

	setup=$(od -An -tu1 -j $((0x1f1)) -N 1 "$1")
	read -r off len < <(od -An -tu4 -j $((0x248)) -N 8 "$1")
	off=$(((setup + 1) * 512 + off + 1))
	magic=$(tail -c +$off "$1" | head -c 4 | od -An -tx1 | tr -d ' ')
	case $magic in
	fd377a58) cat="xz -dc --single-stream" ;;
	28b52ffd) cat="zstd -dcq" ;;
	*) return 1 ;;
	esac
	# The four bytes at the end are the unpacked size.
	tail -c +$off "$1" | head -c $((len - 4)) | $cat >"$2" 2>/dev/null
}

kernel_unpack() {
	local dir=$1 rel=$2 final=$3

	unpack_packages "$dir"
	[ -d "$dir/lib/modules" ] || ln -s usr/lib "$dir/lib"
	mv "$dir/boot/vmlinuz-$rel" "$dir/vmlinuz" 2>/dev/null ||
		mv "$dir/lib/modules/$rel/vmlinuz" "$dir/vmlinuz" ||
		die "linux-image-$rel holds no kernel where it is expected"
	unpack_image "$dir/vmlinuz" "$dir/vmlinux" || rm -f "$dir/vmlinux"
	rm -f "$dir/lib/modules/$rel/build" "$dir/lib/modules/$rel/source"
	depmod -b "$dir" "$rel" || die "depmod failed for $rel"
	# Debian's header tree names its other half by absolute path.
	grep -rlIE --include=Makefile --include=.kernelvariables '/usr/(src|lib)/linux-' \
		"$dir/usr/src/linux-headers-$rel" |
		xargs -r sed -Ei "s,/usr/(src|lib)/linux-,$final/usr/\1/linux-,g"
	echo "$rel" >"$dir/release"
}

# Look the names up and download the packages, unless the kernel is RELEASE, which is
# there: kernel_download SERIES SUITE [RELEASE]. Sets $rel.
kernel_download() {
	local pkgs

	rel=$(kernel_release "$1" "$2")
	[ -n "$rel" ] || die "no kernel $1 with headers in the package lists ($2)"
	[ "$rel" != "${3-}" ] || return 0
	mapfile -t pkgs < <(kernel_packages "$rel")
	apt_download "${pkgs[@]}"
}

kernel_fetch() (
	suite=$(kernel_suite "$1") || exit
	[ "$suite" != built ] || { built_fetch "$1" && exit; } || exit
	dir=$cache/kernels/$1
	if [ -e "$dir/release" ]; then
		[ -z "$(find "$dir/release" -mtime +90)" ] ||
			say "kernel $1 is three months old; see scripts/vm/vm update"
		exit
	fi
	need vm
	lock "kernels-$1"
	[ -e "$dir/release" ] || kernel_install "$1" "$suite"
)

# The newest one, if that is not there yet. What was built for the former release stays.
kernel_update() (
	suite=$(kernel_suite "$1") || exit
	[ "$suite" != built ] || die "kernel $1 is built here; its source is that of 7.3"
	dir=$cache/kernels/$1
	need vm
	lock "kernels-$1"
	kernel_install "$1" "$suite" "$(cat "$dir/release" 2>/dev/null)"
)

# Half-finished work has another name, so what has the right one is whole.
# kernel_install SERIES SUITE [RELEASE], which is there.
kernel_install() {
	local dir=$cache/kernels/$1

	if [ "$2" != own ]; then
		apt_suite "$2"
	elif [ -z "${3-}" ]; then
		apt_known linux-headers-amd64
	else
		apt_run update || exit
	fi
	mkdir -p "$cache/kernels"
	rm -rf "$cache/kernels/.$1."*
	tmp=$(mktemp -d "$cache/kernels/.$1.XXXXXX") || die "cannot write to $cache"
	trap 'rm -rf "$tmp"' EXIT
	chmod 755 "$tmp"
	cd "$tmp" || exit
	# Old lists may name what the mirror no longer has.
	kernel_download "$@" || { apt_run update && kernel_download "$@"; } ||
		die "cannot download kernel $1; is the network there?"
	if [ "$rel" = "${3-}" ]; then
		say "kernel $1 is the newest there is, $rel"
		touch "$dir/release"
		return
	fi
	kernel_unpack "$tmp" "$rel" "$dir"
	retire "$dir"
	mv "$tmp" "$dir"
}

# Makes room for a newer one, unless a guest runs it.
retire() {
	[ -e "$1" ] || return 0
	exec {retired_fd}<"$1"
	flock -n -x "$retired_fd" || die "kernel ${1##*/} is in use; try again later"
	mv "$1" "$tmp.former" && rm -rf "$tmp.former"
}

foreign_tools() {
	SRCARCH=x86 "$1/tools/objtool/objtool" --help 2>&1 | grep -q 'GLIBC.*not found'
}

# The headers of a newer Debian come with tools that want its libc, and with the
# options of its compiler. So make the tools here, from the same source, and drop
# the two options that no header looks at: they change no structure's layout.
kernel_tools() (
	foreign_tools "$2" || exit 0
	[ "$1" = "$newest" ] || die "the tools of kernel $1 want a newer libc"
	need build kernel
	src=$(source_tree) || exit
	cmp -s "$src/Makefile" "${2%-*}-common/Makefile" ||
		die "$src is not the source of kernel $1; remove it, so that it is fetched again"
	lock "kernels-$1"
	foreign_tools "$2" || exit 0
	tmp=$(mktemp -d "$cache/.tools.XXXXXX") || die "cannot write to $cache"
	trap 'rm -rf "$tmp"' EXIT
	say "building the tools of kernel $1"
	make=(make -s -j"$(nproc)" -C "$src" "O=$tmp" ARCH=x86_64)
	said=$("${make[@]}" allnoconfig 2>&1 && "${make[@]}" tools/objtool prepare0 2>&1) ||
		die "they do not build:"$'\n'"$said"
	cat >"$tmp/variables" <<-END
		CC = gcc
		override CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT =
		override CONFIG_CC_OPT_INLINE_MEMSET =
		override CONFIG_PAHOLE_VERSION = \$(PAHOLE_VERSION)
	END
	cat "$tmp/variables" >>"$2/.kernelvariables"
	for tool in scripts/mod/modpost tools/objtool/objtool; do
		mv "$tmp/$tool" "$2/$tool" || die "cannot write to $cache"
	done
)

kernel_kdir() {
	local dir kdir

	kernel_fetch "$1" || exit
	dir=$(kernel_dir "$1")
	kdir=$dir/build
	if [ ! -d "$kdir" ]; then
		kdir=$dir/usr/src/linux-headers-$(cat "$dir/release")
		kernel_tools "$1" "$kdir" || exit
	fi
	echo "$kdir"
}
