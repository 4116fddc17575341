#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What a program built against an installed libwsp meets: the exported symbols,
# and the portable programs, which are to print what Documentation/porting.rst shows.

# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

# A network of one's own, where every port is free.
if [ -z "$WSP_PORTABLE" ]; then
	[ "$(id -u)" = 0 ] || skip_all "only root can make a network namespace"
	WSP_PORTABLE=1 exec unshare -n "$0"
fi

top=$(cd "$(dirname "$0")/.." && pwd)
programs=$top/tools/portable
[ -d "$programs" ] || skip_all "no sources of the programs; run it in the source tree"
[ -d /sys/module/wspfam ] || skip_all "the module is not loaded; insmod wspfam.ko"
for tool in cc make nm pkg-config unshare; do
	command -v $tool >/dev/null || skip_all "no $tool; install it"
done
ip link set lo up || skip_all "cannot bring up the loopback interface"
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"
server=

finish() {
	[ -z "$server" ] || kill "$server"
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' HUP INT TERM

export PKG_CONFIG_PATH="$tmp/usr/lib/pkgconfig" LD_LIBRARY_PATH="$tmp/usr/lib"
library=$tmp/usr/lib/libwsp.so.0

# same WHAT FILE FILE: what the second has and the first has not is ">".
same() {
	diff "$2" "$3" >"$tmp/diff" && return
	sed 's/^/#   /' "$tmp/diff"
	fail "$1"
}

compile() {
	# shellcheck disable=SC2046 # a list of options
	cc -O1 -Wall -Wextra -Werror "$@" \
		-I"$(pkg-config --variable=includedir libwsp)/wsp" \
		$(pkg-config --cflags --libs libwsp) 2>&1
}

installed() {
	make -s -C "$top/tools/libwsp" install PREFIX="$tmp/usr" ||
		fail "make install fails"
	for program in echo-server select-client event-client ce-client \
		overlapped-client; do
		names=
		[ $program != ce-client ] ||
			names="-DUNDER_CE -D_WIN32_WCE=0x600 -DUNICODE -D_UNICODE"
		# shellcheck disable=SC2086 # a list of options
		compile $names -o "$tmp/$program" "$programs/$program.c" \
			"$programs/portable.c" ||
			fail "$program does not compile against the installed library"
		ldd "$tmp/$program" | grep -q "=> $library " ||
			fail "$program does not run with the installed library"
	done
}

# The symbols of the functions that are declared. What the linker has by another
# name says so: int connect(...) __asm__("winsock_" "connect");
declared() {
	printf '#include <%s>\n' winsock2.h ws2tcpip.h mswsock.h mstcpip.h ws2spi.h \
		windows.h process.h iphlpapi.h wsp/wsp.h >"$tmp/all.c"
	for option in -UUNICODE -DUNICODE; do
		compile -E -P "$option" "$tmp/all.c" | grep -v '^#' | tr -s ' \n' ' ' |
			sed 's/;/;\n/g'
	done | grep -v 'typedef\|__inline__' | sed -n \
		-e 's/.*__asm__("\(win[a-z]*_\|WSA\)\([^"]*\)" *"\([^"]*\)").*/\1\2\3/p;t' \
		-e 's/.*__asm__("\(win[a-z]*_\|WSA\)\([^"]*\)").*/\1\2/p;t' -e '/__asm__/d' \
	-e 's/^[^({]*\<\(\(__\)\?WS[AP][A-Z][A-Za-z]*\|winsock_[a-z_]*\) \?(.*/\1/p' | sort -u
}

# The library, its map and its headers name the same calls; where there is a time,
# there are two of them.
symbols() {
	awk '/^[A-Z].*{$/ { version = $1 } /^\t.*;$/ && version && !/\*/ {
		sub(/^\t/, ""); sub(/;$/, ""); print $0 "@@" version }' \
		"$top/tools/libwsp/libwsp.map" | sort >"$tmp/map"
	[ -s "$tmp/map" ] || fail "libwsp.map has no symbols"
	nm -D --defined-only "$library" | awk '$2 != "A" { print $3 }' |
		sort >"$tmp/exported"
	grep '@@LIBWSP_' "$tmp/exported" >"$tmp/service"
	grep '@@LIBWSP_' "$tmp/map" >"$tmp/service.map"
	same "libwsp.map (<) is not what the library exports (>)" \
		"$tmp/service.map" "$tmp/service"
	sed 's/@@.*//' "$tmp/exported" | grep -vx '.*select64\|WSP.*64' | sort >"$tmp/names"
	declared >"$tmp/declared"
	same "what the library exports (<) is not what the headers declare (>)" \
		"$tmp/names" "$tmp/declared"
}

# By a program that has no room left for what each of its threads has by itself.
loaded_late() {
	cat >"$tmp/late.c" <<-END
		#include <dlfcn.h>
		#include <stdio.h>
		int main(int argc, char **argv)
		{
			void *library = dlopen(argv[1], RTLD_NOW);
			void *(*find)(const char *) = library ?
				dlsym(library, "winsock_gethostbyname") : 0;
			if (!library)
				puts(dlerror());
			return !find || !find("127.0.0.1");
		}
	END
	cc -o "$tmp/late" "$tmp/late.c" -w || fail "it does not compile"
	"$tmp/late" "$library" >"$tmp/said" || fail "status $?, it said: $(cat "$tmp/said")"
}

# Waits for a line of the server's log, which means that it listens.
serve() {
	"$tmp/echo-server" 5001 "$1" >"$tmp/server" 2>&1 &
	server=$!
	tries=200
	until grep -q '^connect, listening socket' "$tmp/server"; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || break
		sleep 0.1
	done
	[ $tries -gt 0 ] || fail "the server does not listen"
}

# The first column of the program's table in the documentation.
documented() {
	awk -v title="$1" '$0 == title { on = 1; next }
		on && /^\t/ { if (n++) { sub(/^\t/, ""); sub(/   .*/, ""); print } next }
		n && NF { exit }' "$top/Documentation/porting.rst"
}

# as_documented PROGRAM LOG STATUS
as_documented() {
	[ "$3" = 0 ] || fail "$1: status $3"
	documented "$1" >"$tmp/documented"
	[ -s "$tmp/documented" ] || fail "porting.rst has no log of $1"
	same "$1: not the log of porting.rst (<)" "$tmp/documented" "$2"
}

# client PROGRAM: against a server of its own, whose log has to be right too.
client() {
	serve 1
	timeout 60 "$tmp/$1" 5001 5002 >"$tmp/log" 2>&1
	as_documented "$1" "$tmp/log" $?
	[ -z "$why" ] || kill "$server" 2>/dev/null
	wait "$server"
	as_documented echo-server "$tmp/server" $?
	server=
}

V_10_C_05_C_06_C_07_select() { client select-client; }
V_01_V_02_V_03_V_06_events() { client event-client; }
W_05_in_the_manner_of_CE() { client ce-client; }

# Its server is told more than once, so that its log is a longer one.
O_01_O_04_overlapped() {
	serve 1
	timeout 60 "$tmp/overlapped-client" 5001 5002 >"$tmp/log" 2>&1
	as_documented overlapped-client "$tmp/log" $?
	[ -z "$why" ] || kill "$server" 2>/dev/null
	wait "$server" || fail "the server: status $?"
	server=
}

run_tests installed symbols loaded_late V_10_C_05_C_06_C_07_select \
	V_01_V_02_V_03_V_06_events W_05_in_the_manner_of_CE O_01_O_04_overlapped
