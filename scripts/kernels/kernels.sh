# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Debian kernels in the cache: $cache/kernels/SERIES holds the unpacked
# packages of one kernel, ready to boot and to build against.

# shellcheck source-path=SCRIPTDIR source=built.sh
. "$(dirname "${BASH_SOURCE[0]}")/built.sh"
# shellcheck source-path=SCRIPTDIR source=arch.sh
. "$(dirname "${BASH_SOURCE[0]}")/arch.sh"

kernel_suite() {
	local series=$1

	! kernel_variant "$1" >/dev/null || series=${1%%-*}
	case $1 in 6.12-trixie | 6.12-riscv64) series=trixie ;; esac
	case $series in
	trixie) echo trixie ;;
	6.1) echo own ;;
	6.12) echo bookworm-backports ;;
	7.3) echo trixie-backports ;;
	uml | debug | kcsan) [ "$series" = "$1" ] && echo built ;;
	*) false ;;
	esac || die "unknown kernel '$1'; known are 6.1, 6.12, 7.3, uml, debug and kcsan, the" \
		"flavours 6.1-rt, 6.1-cloud ..., and of other architectures 6.1-ARCH ...:" \
		"$(arch_names)"
}

# What follows the version in the name of a kernel that is not the usual one of this
# machine's architecture: of another, or real-time, or for virtual machines alone, or as
# the next Debian has it itself.
kernel_variant() {
	[[ $1 == *-* ]] || return
	case ${1#*-} in
	rt | cloud) echo "${1#*-}-amd64" ;;
	trixie) echo amd64 ;;
	*) arch_field "${1#*-}" 2 ;;
	esac
}

kernel_flavour() { kernel_variant "$1" || echo amd64; }

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
	local rel series=${1%%-*} flavour

	flavour=$(kernel_flavour "$1")
	if [ "$2" = own ]; then
		depends "linux-image-$flavour" | sed -n 's/^linux-image-\(6\.1\..*\)/\1/p'
		return
	fi
	apt-cache "${apt_opts[@]}" pkgnames "linux-image-$series" |
		sed -nE "s/^linux-image-(${series/./\\.}[.+-][0-9a-z.+~-]*-$flavour)\$/\1/p" |
		grep -vE -- "-(rt|cloud)-$flavour\$" | sort -rV |
		while read -r rel; do
			apt-cache "${apt_opts[@]}" show "linux-headers-$rel" >/dev/null 2>&1 ||
				continue
			echo "$rel"
			break
		done
}

# The packages that make up kernel $1 and its headers, whose tools run here.
kernel_packages() {
	echo "linux-image-$1"
	depends "linux-image-$1" | grep -xF -e "linux-base-$1" \
		-e "linux-binary-$1" -e "linux-modules-$1"
	echo "linux-headers-$1"
	depends "linux-headers-$1" | sed -nE -e '/^linux-headers-.*-common/p' \
		-e 's/^(linux-kbuild-[^:]*).*/\1:amd64/p'
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
		mv "$dir/boot/vmlinux-$rel" "$dir/vmlinuz" 2>/dev/null ||
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
	local dir=$cache/kernels/$1 arch

	# Debian 12's own, without updates: of some architectures these come late.
	if arch=$(kernel_arch "$1"); then
		apt_foreign "${2/#own/bookworm}" "$arch"
	elif [ "$2" != own ]; then
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
	{ SRCARCH=x86 "$1/tools/objtool/objtool" --help; "$1/scripts/mod/modpost" -h; } 2>&1 |
		grep -q 'GLIBC.*not found'
}

# The headers of a newer Debian come with tools that want its libc, and with the
# options of its compiler. So make the tools here, from the same source, and drop
# the two options that no header looks at: they change no structure's layout.
kernel_tools() (
	foreign_tools "$2" || exit 0
	case ${1%%-*} in
	"$newest")
		need build kernel
		src=$(source_tree) || exit
		cmp -s "$src/Makefile" "${2%-*}-common/Makefile" ||
			die "$src is not the source of kernel $1; remove it," \
				"so that it is fetched again" ;;
	6.12) former=$(kernel_kdir 6.12) || exit ;;
	*) die "the tools of kernel $1 want a newer libc" ;;
	esac
	lock "kernels-$1"
	foreign_tools "$2" || exit 0
	tmp=$(mktemp -d "$cache/.tools.XXXXXX") || die "cannot write to $cache"
	trap 'rm -rf "$tmp"' EXIT
	cross=$(arch_field "${1#*-}" 4) && cross+=-
	# Debian 12's 6.12 is the same with tools for here; these choose among others.
	if [ -n "${former-}" ]; then
		(cd "$former" &&
			cp --parents -L {scripts/mod/modpost,tools/objtool/objtool}* "$tmp")
	else
		say "building the tools of kernel $1"
		make=(make -s -j"$(nproc)" -C "$src" "O=$tmp" ARCH=x86_64)
		said=$("${make[@]}" allnoconfig 2>&1 &&
			"${make[@]}" tools/objtool prepare0 2>&1) ||
			die "they do not build:"$'\n'"$said"
	fi
	cat >"$tmp/variables" <<-END
		CC = ${cross}gcc
		override CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT =
		override CONFIG_CC_OPT_INLINE_MEMSET =
		override CONFIG_PAHOLE_VERSION = \$(PAHOLE_VERSION)
	END
	cat "$tmp/variables" >>"$2/.kernelvariables"
	shopt -s nullglob
	for tool in scripts/mod/modpost tools/objtool/objtool; do
		mv "$tmp/$tool"{,.real*} "$2/${tool%/*}" || die "cannot write to $cache"
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
