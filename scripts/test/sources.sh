# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Other people's Winsock sources: what check-sources and run-sources share.

# shellcheck source-path=SCRIPTDIR source=../lib.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib.sh"

list=$top/selftests/sources/list
src=$cache/sources
tmp=$(mktemp -d) || die "no room for temporary files"
trap 'rm -rf "$tmp"' EXIT

# Without what tells Linux, and with what tells Windows.
# shellcheck disable=SC2034 # for those who include this
windows=(-D_WIN32 -D_WIN64 -DWIN32 -U__linux__ -U__linux -Ulinux -U__unix__ -U__unix -Uunix
	-U__gnu_linux__ -fshort-wchar)

# What a program's own build makes of its templates.
prepare() {
	case $1 in
	apr) cp include/apr.hw include/apr.h && cp include/arch/win32/apr_private.h include ;;
	libcoap3) cp coap_config.h.windows coap_config.h ;;
	libmodbus)
		echo '#define HAVE_WINSOCK2_H 1' >src/config.h
		sed 's/@[A-Z_]*@/3/' src/modbus-version.h.in >src/modbus-version.h
		;;
	libssh)
		printf '#define %s 1\n' HAVE_LIBMBEDCRYPTO HAVE_SELECT HAVE_GETADDRINFO \
			HAVE_WINSOCK2_H HAVE_WS2TCPIP_H HAVE_IO_H HAVE_STRTOULL HAVE_SNPRINTF \
			HAVE_VSNPRINTF HAVE_GCC_THREAD_LOCAL_STORAGE HAVE_COMPILER__FUNC__ \
			WITH_SERVER WITH_SFTP >config.h
		printf '#define PACKAGE "libssh"\n#define VERSION "0"\n' >>config.h
		sed 's/@[A-Za-z_]*@/0/' include/libssh/libssh_version.h.cmake \
			>include/libssh/libssh_version.h
		;;
	libvncserver)
		printf '#define LIBVNCSERVER_HAVE_%s 1\n' \
			WS2TCPIP_H FCNTL_H SYS_TYPES_H WIN32THREADS >rfb/rfbconfig.h
		;;
	miniupnpc) echo '#define OS_STRING "Windows"' >include/miniupnpcstrings.h
		echo '#define MINIUPNPC_VERSION_STRING "x"' >>include/miniupnpcstrings.h ;;
	neon27) sed 's/@[A-Z_]*@/0/' config.hw >config.h ;;
	esac
}

# fetch PACKAGE: the authors' archive, in the cache.
fetch() (
	[ ! -d "$src/$1" ] || exit 0
	rm -rf "$src/.$1" && mkdir -p "$src/.$1/tree" && cd "$src/.$1" || exit
	# What else belongs to it is not needed, so it may be missing.
	apt-get "${apt_opts[@]}" source --download-only "$1" >/dev/null 2>&1
	archive=$(find . -name '*.orig.tar.*' ! -name '*.asc' | head -n 1)
	[ -n "$archive" ] && tar -xf "$archive" -C tree --strip-components=1 || exit
	(cd tree && prepare "$1") || exit
	mv tree "$src/$1" && rm -rf "$src/.$1"
)

install_library() {
	make -s -C "$top/tools/libwsp" install PREFIX="$tmp/usr" ||
		die "the library does not install"
}

# The packages of the list; those that are not to be had are named.
fetch_sources() (
	missing=
	mkdir -p "$src" || die "cannot write to $cache"
	lock sources
	apt_suite bookworm deb-src
	while IFS='|' read -r package _; do
		package=${package//[ +]/}
		fetch "$package" || missing+=" $package"
	done < <(grep -v '^#' "$list")
	[ -z "$missing" ] || say "not to be had from here, and left out:$missing"
)
