#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The headers with Winsock's names, as a compiler sees them (contract, section 11).

# shellcheck source-path=SCRIPTDIR source=wsp_tap.sh
. "$(dirname "$0")/wsp_tap.sh"

top=$(cd "$(dirname "$0")/.." && pwd)
[ -d "$top/tools/libwsp" ] || skip_all "no sources of the library; run it in the source tree"
for tool in cc c++ make; do
	command -v $tool >/dev/null || skip_all "no $tool; install it"
done
shopt -s lastpipe	# what fails at a pipe's end has failed here
tmp=$(mktemp -d) || skip_all "cannot make a temporary directory"
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
export LD_LIBRARY_PATH="$tmp/usr/lib"
cd "$tmp" || exit

compilers=(gcc)
! command -v clang >/dev/null || compilers+=(clang)

winsock=(winsock2.h winsock.h ws2tcpip.h ws2spi.h mswsock.h mstcpip.h wspiapi.h
	ws2ipdef.h in6addr.h windef.h windows.h winbase.h winerror.h winnt.h basetsd.h
	guiddef.h tchar.h strsafe.h process.h io.h pshpack1.h poppack.h synchapi.h
	libloaderapi.h fileapi.h wincrypt.h bcrypt.h ntsecapi.h iphlpapi.h iptypes.h netioapi.h
	direct.h windns.h sal.h conio.h ipexport.h crtdbg.h mmsystem.h)
platform=(stdlib.h stdio.h stdint.h inttypes.h string.h time.h errno.h fcntl.h unistd.h sys/types.h
	sys/select.h sys/time.h sys/socket.h netinet/in.h netinet/tcp.h arpa/inet.h
	netdb.h poll.h sys/poll.h sys/ioctl.h sys/un.h sys/uio.h net/if.h ifaddrs.h
	pthread.h signal.h sys/epoll.h resolv.h arpa/nameser.h netinet/ip.h
	linux/in.h linux/in6.h linux/sockios.h wsp/wsp.h)

installed() {
	make -s -C "$top/tools/libwsp" install PREFIX="$tmp/usr" ||
		fail "make install fails"
}

include() { printf '#include <%s>\n' "$@"; }

# by COMPILER OPTION...: compiles standard input; what it says is said here.
by() {
	"$@" -I"$tmp/usr/include/wsp" -I"$tmp/usr/include" -Wall -Wextra -Werror \
		-Wno-pragma-pack - >"$tmp/said" 2>&1 &&
		return
	head -n 5 "$tmp/said" | sed 's/^/#   /'
	return 1
}

# accepts WHAT OPTION...: standard input compiles.
accepts() {
	local what=$1

	shift
	by gcc -fsyntax-only "$@" || fail "$what"
}

# refuses WHAT OPTION...: it does not.
refuses() {
	local what=$1

	shift
	! by gcc "$@" >/dev/null || fail "$what"
}

# What a source does with Winsock's names, in any language.
use() {
	cat <<-END
		static SOCKET use(struct fd_set *set, struct in_addr *addr)
		{
			struct timeval time = { 0, 1 };
			SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
			unsigned long word = 1;
			u_long on = 1;

			FD_ZERO(set);
			FD_SET(s, set);
			FD_CLR(s, set);
			addr->s_addr = addr->S_un.S_addr + addr->S_un.S_un_b.s_b1;
			if (ioctlsocket(s, FIONBIO, &on) || ioctlsocket(s, FIONREAD, &word) ||
			    select(0, set, NULL, NULL, &time) == SOCKET_ERROR ||
			    connect(s, (struct sockaddr *)addr, (int)sizeof(*addr)))
				return INVALID_SOCKET;
			return FD_ISSET(s, set) ? s : 0;
		}

		int main(void)
		{
			struct fd_set set;
			struct in_addr addr;

			addr.S_un.S_addr = 0;
			return use(&set, &addr) == INVALID_SOCKET;
		}
	END
}

# in_order COMPILER N OPTION...: ours first, ours last, or all backwards.
in_order() {
	local cc=$1 headers

	case $2 in
	0) headers=("${winsock[@]}" "${platform[@]}") ;;
	1) headers=("${platform[@]}" "${winsock[@]}") ;;
	2) mapfile -t headers < <(printf '%s\n' "${winsock[@]}" "${platform[@]}" | tac |
		grep -v pack) ;;
	esac
	shift 2
	{ include "${headers[@]}" && use; } | by "$cc" -fsyntax-only "$@" ||
		fail "$cc $*"
}

W_01_languages_in_any_order() {
	local cc std n=0 cxx32="c++11 gnu++14 c++17 gnu++20 c++2b"

	# The 32-bit libstdc++ is a package of its own.
	include cstddef | c++ -m32 -fsyntax-only -x c++ - 2>/dev/null ||
		{ echo "# no g++-multilib"; cxx32=; }
	for cc in "${compilers[@]}"; do
		for std in c90 gnu90 c99 gnu99 c11 gnu17 c2x; do
			in_order "$cc" $((n++ % 3)) -x c -std=$std -pedantic
		done
		for std in c++11 gnu++14 c++17 gnu++20 c++2b; do
			in_order "$cc" $((n++ % 3)) -x c++ -std=$std
		done
		in_order "$cc" $((n++ % 3)) -x c -std=c90 -m32
		in_order "$cc" $((n++ % 3)) -x c -std=c2x -m32
		for std in $cxx32; do
			in_order "$cc" $((n++ % 3)) -x c++ "-std=$std" -m32
		done
		in_order "$cc" $((n++ % 3)) -x c -std=gnu17 -m32 -D_TIME_BITS=64 \
			-D_FILE_OFFSET_BITS=64
		in_order "$cc" $((n++ % 3)) -x c -D_WIN32 -DWIN32 -U__linux__ -U__unix__
		in_order "$cc" $((n++ % 3)) -x c -D_WIN32_WCE=0x500 -DUNDER_CE -DUNICODE
		in_order "$cc" $((n++ % 3)) -x c -O2 -D_FORTIFY_SOURCE=2
	done
}

W_01_each_header_alone_and_in_any_case() {
	local header

	for header in "${winsock[@]}"; do
		[[ $header = *pack* ]] || include "$header" | accepts "<$header> alone" -x c
	done
	# The platform itself has it either before <net/if.h> or not at all.
	{ include linux/if.h "${winsock[@]}" && use; } | accepts "<linux/if.h>" -x c
	(cd usr/include/wsp && find . -type l | sed 's|^\./||') >spellings
	[ -s spellings ] || fail "no other spellings"
	mapfile -t header < <(grep -vi pack spellings)
	include "${header[@]}" | accepts "other spellings" -x c
}

# What a program may look for, to use it if it is there: not Winsock's names.
W_02_nothing_leaks() {
	{
		include "${platform[@]}" "${winsock[@]}"
		for name in SOCK_{CLOEXEC,NONBLOCK,PACKET} \
			MSG_{NOSIGNAL,DONTWAIT,EOR,MORE,ERRQUEUE,FASTOPEN,CMSG_CLOEXEC,ZEROCOPY} \
			SO_{REUSEPORT,PEERCRED,BINDTODEVICE,DOMAIN,PROTOCOL,TIMESTAMP,NOSIGPIPE} \
			TCP_{CORK,QUICKACK,DEFER_ACCEPT,FASTOPEN,INFO,USER_TIMEOUT,KEEPIDLE} \
			AF_{LOCAL,NETLINK,PACKET} SOL_{IP,IPV6,TCP,UDP} SCM_RIGHTS \
			IP_{RECVERR,MTU_DISCOVER,TRANSPARENT,BIND_ADDRESS_NO_PORT} \
			IPV6_RECVERR IPPROTO_MPTCP EAI_{SYSTEM,ADDRFAMILY,OVERFLOW} \
			SHUT_{RD,WR,RDWR} POLLRDHUP NFDBITS AI_IDN; do
			printf '#ifdef %s\n#error %s\n#endif\n' "$name" "$name"
		done
	} | accepts "names that Winsock has not" -x c
}

W_02_types() {
	{
		include stdlib.h sys/select.h sys/types.h unistd.h winsock2.h ws2tcpip.h pshpack1.h
		echo 'struct packed { char c; int n; };' && include poppack.h
		cat <<-END
			#define SAME(type, other) _Static_assert( \\
				__builtin_types_compatible_p(type, other), #type)
			SAME(socklen_t, int);
			SAME(fd_set, struct fd_set);
			SAME(__int64, long long);
			typedef long long int64_t;
			typedef unsigned long long uint64_t;
			_Static_assert(sizeof(u_long) == 4 && sizeof(DWORD) == 4 &&
				       sizeof(LONG) == 4 && (LONG)-1 < 0, "32 bits");
			_Static_assert(sizeof(struct linger) == 4, "two words");
			_Static_assert(sizeof(struct in_addr) == 4 &&
				       sizeof(struct sockaddr_in) == 16 &&
				       sizeof(struct in6_addr) == 16 &&
				       sizeof(struct sockaddr_in6) == 28 &&
				       sizeof(struct sockaddr_storage) == 128, "addresses");
			__declspec(dllexport) int __cdecl one(void);
			__declspec(noreturn) void __stdcall two(unsigned __int64 n);
			struct __declspec(align(64)) three { char c; };
			_Static_assert(sizeof(struct three) == 64, "aligned");
			_Static_assert(sizeof(struct packed) == 5, "packed");
			const struct in6_addr any = IN6ADDR_ANY_INIT;
		END
	} | accepts "Winsock's types" -x c
}

W_02_platform_functions_cannot_be_called() {
	local call

	for call in 'accept4(0, 0, 0, 0)' 'recvmsg(0, 0, 0)' 'sendmsg(0, 0, 0)' \
		'pselect(0, 0, 0, 0, 0, 0)' 'poll(0, 0, 0)'; do
		{ include winsock2.h sys/socket.h stdlib.h &&
			echo "int main(void) { return $call; }"; } |
			refuses "$call compiles" -x c -o calls
	done
	{ include sys/socket.h sys/select.h winsock2.h &&
		echo 'void f(wsp_platform_fd_set *set); void g(fd_set *set) { f(set); }'; } |
		refuses "the platform's fd_set is Winsock's" -x c -c -o calls
}

# A program is told by name what is not there.
W_05_absent_by_name() {
	local call

	for call in 'CreateFileA("x", 0, 0, 0, 0, 0, 0)' 'ReadFile(0, 0, 0, 0, 0)' \
		'RegOpenKeyEx(0, "x", 0, 0, 0)' 'CoInitialize(0)' 'PeekMessage(0, 0, 0, 0, 0)' \
		'CreateIoCompletionPort(0, 0, 0, 0)' 'CreateMutex(0, 0, 0)'; do
		for language in c c++; do
			{ include windows.h && echo "int main(void) { return $call; }"; } |
				refuses "$call compiles" -x $language -c -o calls
			grep -q "error: call to .*${call%%(*}.*no such call" said ||
				fail "$call: not by name in $language"
		done
	done
	{ include windows.h && echo 'int main(void) { __try { } __except (1) { } return 0; }'; } |
		refuses "__try compiles" -x c -c -o calls
	grep -q 'error: .*__try' said || fail "__try: not by name"
	{ include string windows.h &&
		echo 'int main() { __try { } __except (1) { } return 0; }'; } |
		refuses "__except compiles" -x c++ -c -o calls
	grep -q 'error: .*__except' said || fail "__except: not by name"
}

# A class that two files share, of which one is a Winsock source.
names_of_others() {
	cat >shared.h <<-END
		#include <functional>
		struct peer {
			int connect(int n), send(int n), select(int n), bind(int n);
			int socket, u_long, accept, fd_set, s_addr;
		};
		inline int twice(int n) { return std::bind(std::plus<int>(), n, n)(); }
		extern "C" int peer_send(struct peer *peer);
		int wait_for(struct waiting *set);
	END
	cat >other.cc <<-END
		#include <sys/select.h>
		#include <sys/socket.h>
		#include "shared.h"
		int peer::connect(int n) { return n; }
		int peer::send(int n) { return n; }
		int peer::select(int n) { return n; }
		int peer::bind(int n) { return twice(n); }
		int peer_send(struct peer *peer) { return peer->send(peer->socket); }
	END
	cat >winsock.cc <<-END
		#include <winsock2.h>
		#include <ws2tcpip.h>
		#include "shared.h"
		int main()
		{
			peer p = {};
			p.socket = p.fd_set = 0;
			return p.connect(0) + p.send(0) + p.select(0) + p.bind(0) + peer_send(&p) +
				closesocket(::socket(AF_INET, 0, 0)) + 1;
		}
	END
	if ! { c++ -c other.cc && c++ -Iusr/include/wsp -c winsock.cc &&
		c++ -o shared winsock.o other.o -Lusr/lib -lwsp; }; then fail "does not link"; fi
	./shared || fail "status $?"
}

# A library that has the platform's set cannot be handed Winsock's.
sets_of_others() {
	echo '#include <sys/select.h>
		void wait_for(fd_set *set) { FD_ZERO(set); }' | c++ -x c++ -c -o library.o - ||
		fail "no library"
	echo '#include <winsock2.h>
		void wait_for(fd_set *set);
		int main() { fd_set set; wait_for(&set); }' |
		c++ -Iusr/include/wsp -x c++ -c -o program.o - || fail "no program"
	! c++ -o program program.o library.o 2>/dev/null || fail "it links"
}

# The sets' size is one, and no macro goes past the end of the set it is given.
sizes_of_sets() {
	{ include stdlib.h winsock2.h wsp/wsp.h && cat <<-END; } | accepts "64" -x c
		_Static_assert(FD_SETSIZE == 64 && sizeof(((fd_set *)0)->fd_array) ==
			       64 * sizeof(SOCKET), "Winsock's own number");
		_Static_assert(sizeof(WSPFDSET) == sizeof(fd_set), "one set");
	END
	{ echo "#define FD_SETSIZE 5000" && include stdlib.h wsp/wsp.h winsock2.h sys/select.h &&
		cat <<-END; } | accepts "5000" -x c
		_Static_assert(FD_SETSIZE == 5000 && sizeof(((WSPFDSET *)0)->fd_array) ==
			       5000 * sizeof(SOCKET), "the program's");
	END
	{ include wsp/wsp.h && cat <<-END; } | gcc -fsyntax-only -Iusr/include -x c - || fail "64"
		_Static_assert(sizeof(((WSPFDSET *)0)->fd_array) == 64 * sizeof(SOCKET), "");
	END
	{ include stdlib.h winsock2.h && cat <<-END; } >sets.c
		#undef FD_SETSIZE
		#define FD_SETSIZE 1000
		int main(void)
		{
			struct { fd_set set; SOCKET after; } room;
			SOCKET s;
			room.after = 77;
			FD_ZERO(&room.set);
			for (s = 100; s < 1000; s++) {
				FD_SET(s, &room.set);
				WSP_FD_SET(s, &room.set);
			}
			return room.set.fd_count != 64 || room.after != 77 ||
				!FD_ISSET(163, &room.set) || FD_ISSET(164, &room.set);
		}
	END
	gcc -Iusr/include/wsp -o sets sets.c -Lusr/lib -lwsp
	./sets || fail "status $?"
}

# What a program of version 1.1 looks at before it opens any.
sockets_of_version_1() {
	{ include winsock.h && cat <<-END; } >version.c
		int main(void)
		{
			WSADATA old, new;
			if (WSAStartup(MAKEWORD(1, 1), &old) || WSAStartup(MAKEWORD(2, 2), &new))
				return 1;
			if (old.wVersion != MAKEWORD(1, 1) || old.iMaxSockets < 64 ||
			    old.iMaxUdpDg != 65507)
				return 2;
			return new.iMaxSockets || new.iMaxUdpDg;
		}
	END
	gcc -Iusr/include/wsp -o old_or_new version.c -Lusr/lib -lwsp
	./old_or_new || fail "status $?"
}

# The numbers are the platform's: those that both sides name.
numbers() {
	include winsock2.h ws2tcpip.h mswsock.h mstcpip.h |
		gcc -Iusr/include/wsp -E -dM -x c - | awk '{ print $2 }' |
		grep -E '^(AF|PF|SO|MSG|IP|TCP|MCAST|AI|NI|FIO|SIO|IN)[A-Z0-9_]*$' |
		grep -vE '^(INET6?_ADDRSTRLEN|IPV6_PKTINFO|SOMAXCONN|IOC.*|IN6ADDR.*|INFINITE)$' |
		sort >names
	sed 's/.*/#ifdef &\nprintf("& %ld\\n", (long)(&));\n#endif/' names >values
	{ include netdb.h netinet/in.h netinet/tcp.h sys/ioctl.h sys/socket.h stdio.h \
		linux/sockios.h && echo 'int main(void) {' && cat values && echo '}'; } |
		gcc -w -D_GNU_SOURCE -x c -o theirs - && ./theirs >theirs.log
	sed -n 's/^\(.*\) .*/#define \1_too/p' theirs.log >both.h
	{ include winsock2.h ws2tcpip.h mswsock.h mstcpip.h stdio.h && cat both.h &&
		echo 'int main(void) {' &&
		sed 's/^#ifdef .*/&_too/' values && echo '}'; } |
		gcc -w -Iusr/include/wsp -x c -o ours - && ./ours >ours.log
	[ "$(wc -l <theirs.log)" -gt 100 ] || fail "$(wc -l <theirs.log) names"
	diff theirs.log ours.log >differ || fail "not the platform's numbers (<)"
	sed 's/^/#   /' differ
}

# The same for mingw-w64, which is asked about each name that both have.
both_say() {
	local ours="gcc -w -I$tmp/usr/include/wsp" theirs=x86_64-w64-mingw32-gcc cc

	for cc in "$ours" $theirs; do
		$cc -D_WIN32_WINNT=0x0600 -S -o - -x c "$1" 2>said |
			awk '/^wsp_/ { name = $1 }
				/\.(quad|long|zero|space)/ {
					print name, /zero|space/ ? 0 : $2
					name = ""
				}' |
			sort >"says.${cc%%[ -]*}"
		[ -s "says.${cc%%[ -]*}" ] || fail "$cc: $(grep -m 1 error said)"
	done
	diff says.gcc says.x86_64 >differ || fail "not Windows' (>)"
	sed 's/^/#   /' differ
}

windows_headers=(winsock2.h ws2tcpip.h windows.h mswsock.h mstcpip.h iphlpapi.h wincrypt.h)

# Names that the platform numbers are in the next test but one.
W_06_numbers() {
	local cc name

	command -v x86_64-w64-mingw32-gcc >/dev/null || { echo "# no mingw-w64"; return; }
	include "${windows_headers[@]}" >all.h
	for cc in "gcc -Iusr/include/wsp" x86_64-w64-mingw32-gcc; do
		$cc -D_WIN32_WINNT=0x0600 -E -dM -x c all.h | awk '$1 == "#define" && NF > 2 &&
			$2 ~ /^[A-Z][A-Z0-9_]*$/ { print $2 }' | sort >"names.${cc%%[ -]*}"
	done
	gcc -E -dM -include errno.h -include limits.h -include stdlib.h -include sys/stat.h \
		-include fcntl.h -include stdio.h -include time.h -include unistd.h -x c - \
		</dev/null | awk '{ print $2 }' | sort >names.c
	comm -12 names.gcc names.x86_64 | comm -23 - names.c | grep -vE \
		'^(AF|PF|SO|SOL|MSG|IPV?6?|TCP|UDP|MCAST|AI|NI|FIO[A-Z]*|SIOC[A-Z]*)(_|$)' |
		grep -vE '^(FION?BIO|FIONREAD|FIOASYNC|SIOCATMARK|EAI_NODATA)$' |
		grep -vE '^(IF_NAMESIZE|PROTECTION_LEVEL_DEFAULT)$' |
		sed 's/.*/long long wsp_& = (long long)(&);/' >values.c
	{ cat all.h values.c; } >both.c
	# Only what is a number for both.
	for cc in "gcc -Iusr/include/wsp" x86_64-w64-mingw32-gcc "gcc -Iusr/include/wsp"; do
		$cc -w -D_WIN32_WINNT=0x0600 -fsyntax-only both.c 2>&1 |
			sed -n 's/^both.c:\([0-9]*\):.*error.*/\1d/p' | sort -u >not
		sed -i -f not both.c
	done
	[ "$(wc -l <both.c)" -gt 400 ] || fail "$(wc -l <both.c) names"
	both_say both.c
}

W_06_sizes() {
	command -v x86_64-w64-mingw32-gcc >/dev/null || { echo "# no mingw-w64"; return; }
	{
		include "${windows_headers[@]}"
		for type in BYTE WORD DWORD ULONG LONG BOOL INT CHAR WCHAR HANDLE SOCKET u_long \
			u_short socklen_t __int64 DWORD_PTR SIZE_T ADDRESS_FAMILY fd_set \
			'struct in_addr' 'struct in6_addr' 'struct sockaddr' 'struct sockaddr_in' \
			'struct sockaddr_in6' SOCKADDR_STORAGE SOCKADDR_INET 'struct linger' \
			'struct hostent' 'struct protoent' 'struct servent' ADDRINFOA ADDRINFOW \
			WSADATA WSABUF WSANETWORKEVENTS WSAPOLLFD WSAMSG QOS \
			WSAPROTOCOL_INFOA WSAPROTOCOL_INFOW SOCKET_ADDRESS 'struct tcp_keepalive' \
			'struct ip_mreq' 'struct ipv6_mreq' GROUP_REQ INTERFACE_INFO GUID FILETIME \
			SYSTEMTIME LARGE_INTEGER SYSTEM_INFO SECURITY_ATTRIBUTES WIN32_FIND_DATAA \
			CONDITION_VARIABLE INIT_ONCE IP_ADAPTER_UNICAST_ADDRESS \
			IP_ADAPTER_PREFIX; do
			echo "int wsp_${type//[ ]/_} = sizeof($type);"
		done
		echo "int wsp_size = __builtin_offsetof(IP_ADAPTER_ADDRESSES, FirstPrefix);"
	} >sizes.c
	both_say sizes.c
}

# Windows' are full barriers on any processor, and who spins sees what others store.
W_05_barriers_on_arm() {
	command -v clang >/dev/null || { skip "no clang"; return; }
	{ include windows.h && cat <<-END; } >arm.c
		LONG wsp_f1(LONG volatile *p) { return InterlockedIncrement(p); }
		LONG wsp_f2(LONG volatile *p) { return InterlockedDecrement(p); }
		LONG wsp_f3(LONG volatile *p) { return InterlockedExchange(p, 2); }
		LONG wsp_f4(LONG volatile *p) { return InterlockedExchangeAdd(p, 2); }
		LONG wsp_f5(LONG volatile *p) { return InterlockedCompareExchange(p, 2, 1); }
		LONG wsp_f6(LONG volatile *p) { return InterlockedAnd(p, 2); }
		LONG wsp_f7(LONG volatile *p) { return InterlockedOr(p, 2); }
		LONG64 wsp_f8(LONG64 volatile *p) { return InterlockedIncrement64(p); }
		LONG64 wsp_f9(LONG64 volatile *p) { return InterlockedDecrement64(p); }
		LONG64 wsp_g1(LONG64 volatile *p) { return InterlockedExchange64(p, 2); }
		LONG64 wsp_g2(LONG64 volatile *p) { return InterlockedExchangeAdd64(p, 2); }
		LONG64 wsp_g3(LONG64 volatile *p) { return InterlockedCompareExchange64(p, 2, 1); }
		LONG64 wsp_g4(LONG64 volatile *p) { return InterlockedAdd64(p, 2); }
		PVOID wsp_g5(PVOID volatile *p) { return InterlockedExchangePointer(p, 0); }
		PVOID wsp_g6(PVOID volatile *p)
		{
			return InterlockedCompareExchangePointer(p, 0, 0);
		}
		void wsp_spin(int *p) { while (!*p) YieldProcessor(); }
	END
	clang --target=aarch64-linux-gnu -isystem "/usr/include/$(gcc -print-multiarch)" \
		-Iusr/include/wsp -O2 -S -o arm.s arm.c || fail "it does not compile"
	# One after the store; two where there may be none.
	awk '/^wsp_[fg][0-9]:/ { name = $1 } $1 == "dmb" { n[name]++ }
		END { for (f in n) if (n[f] > (f ~ /f5|g3|g6/)) print f }' arm.s >arm
	[ "$(wc -l <arm)" = "$(grep -c 'wsp_[fg][0-9]' arm.c)" ] || fail "only in: $(cat arm)"
	grep -qw yield arm.s || fail "it spins without a word"
	# Whatever the processor, the value is read each time.
	gcc -Iusr/include/wsp -O2 -c -o spin.o arm.c && cat >spins.c <<-END
		#include <pthread.h>
		void wsp_spin(int *p);
		static int flag;
		static void *set(void *p) { return *(int *)p = 1, p; }
		int main(void)
		{
			pthread_t thread;
			if (pthread_create(&thread, 0, set, &flag))
				return 1;
			wsp_spin(&flag);
			return 0;
		}
	END
	{ gcc -pthread -o spins spins.c spin.o && timeout 20 ./spins; } ||
		fail "it spins for ever"
}

# A time has one place in it, of 32 bits or of 64.
sizes_of_leases() {
	local bits

	for bits in -m64 -m32 '-m32 -D_TIME_BITS=64 -D_FILE_OFFSET_BITS=64'; do
		# shellcheck disable=SC2086 # options
		{ include windows.h iphlpapi.h && cat <<-END; } | by gcc $bits -fsyntax-only -x c ||
			#define AT(member) __builtin_offsetof(IP_ADAPTER_INFO, member)
			_Static_assert(AT(LeaseObtained) % 8 == 0, "");
			_Static_assert(AT(LeaseExpires) == AT(LeaseObtained) + 8, "");
			_Static_assert(sizeof(IP_ADAPTER_INFO) == AT(LeaseExpires) + 8, "");
		END
			fail "$bits"
	done
}

run_tests installed W_01_languages_in_any_order \
	W_01_each_header_alone_and_in_any_case W_02_nothing_leaks W_02_types \
	W_02_platform_functions_cannot_be_called W_05_absent_by_name names_of_others \
	sets_of_others sizes_of_sets sizes_of_leases sockets_of_version_1 \
	W_05_barriers_on_arm W_06_numbers W_06_sizes numbers
