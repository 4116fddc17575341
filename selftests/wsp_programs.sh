#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Programs of Debian's through wspctl run: servers and clients with plain sockets
# and with the family's, four ways, which have to give the same results; containers,
# root's and anyone's; and the test suites of Python and Node.js. "make
# check-programs" has the programs; WSP_TESTS="TEST..." runs these tests only.

# shellcheck disable=SC2016 # the variables are another shell's
tests=${WSP_TESTS-}
tools_needed="ip setpriv ss unshare"
# shellcheck source-path=SCRIPTDIR source=wsp_ctl_env.sh
. "$(dirname "$0")/wsp_ctl_env.sh"
family="$ctl run --strict --"
box=$tmp/box

# as USER COMMAND...
as() {
	user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
}

# A server in the foreground, with $server before it, and its port.
start() {
	port=$1
	shift
	# shellcheck disable=SC2086 # several words, or none
	$server "$@" >"$tmp/log" 2>&1 &
	serving=$!
	within serves || fail "$1 does not serve: $(tail -n 5 "$tmp/log")"
	case $way in plain | client) return ;; esac
	"$ctl" sockets | grep -qE " (listening|idle) .*:$port " ||
		fail "$1: not a socket of the family's"
}
serves() { ss -Htuln "sport = $port" | grep -q . || ! kill -0 "$serving" 2>/dev/null; }

stop() {
	kill "$serving"
	wait "$serving"
}

# How often a connect of the family's has been begun here.
connects() { echo $(($(count WspConnected) + $(count WspConnectWSAEWOULDBLOCK))); }

# compare PROGRAM CONNECTS WAY...: PROGRAM_server starts it, PROGRAM_client says what it got.
compare() {
	program=$1 least=$2
	shift 2
	for way in plain "$@"; do
		echo "# $program $way: $(cut -d ' ' -f 1 /proc/uptime)"
		server="timeout 600" client="timeout 120"
		case $way in server | both) server="$server $family" ;; esac
		case $way in client | both) client="$client $family" ;; esac
		before=$(connects)
		"${program}_server"
		"${program}_client" >"$tmp/$way" 2>&1
		stop
		made=$(($(connects) - before))
		case $way in
		plain) [ $made = 0 ] || fail "plain: $made connects of the family's" ;;
		client | both)
			[ $made -ge "$least" ] || fail "$way: $made connects of the family's" ;;
		esac
		diff "$tmp/plain" "$tmp/$way" | sed 's/^/#   /' | grep . &&
			fail "$way: not as plain"
	done
	[ -z "$why" ] || sed -n 's/^./# &/p' "$tmp/plain"
}

# needs PROGRAM...: or else the test is skipped.
needs() {
	for needed; do
		command -v "$needed" >/dev/null || { skip "no $needed" && return 1; }
	done
}

# A hundred small files and two large ones.
make_files() {
	mkdir "$tmp/www" "$tmp/got"
	awk -v dir="$tmp/www/" 'BEGIN { for (i = 1; i <= 100; i++)
		for (j = 0; j < i * 9; j++) print i, j >dir i }'
	cat /usr/lib/x86_64-linux-gnu/*.so* | head -c 100M >"$tmp/file"
	head -c 1M "$tmp/file" >"$tmp/www/large"
}

nginx_server() {
	cat >"$tmp/nginx.conf" <<-END
		daemon off; pid $tmp/nginx.pid; error_log stderr;
		user root; events { worker_connections 512; }
		http { access_log off; server {
			listen 127.0.0.1:8080; listen [::1]:8080; root $tmp/www; } }
	END
	start 8080 nginx -e stderr -p "$tmp" -c "$tmp/nginx.conf"
}
# Two on one connection, the large one over IPv6, and a hundred at once.
nginx_client() {
	url=http://127.0.0.1:8080
	$client curl -sS -o "$tmp/got/#1" -w '%{http_code} HTTP/%{http_version} %{num_connects}\n' \
		"$url/{1,2,none}"
	$client curl -sS 'http://[::1]:8080/large' | cmp - "$tmp/www/large" && echo same
	rm "$tmp/got"/*
	$client curl -sS -Z --parallel-max 100 --parallel-immediate -o "$tmp/got/#1" \
		"$url/[1-100]" 2>/dev/null
	echo "status $?, $(find "$tmp/got" -type f | wc -l) files"
	diff -rq "$tmp/got" "$tmp/www"
}
nginx_and_curl() { needs nginx curl && compare nginx 102 server client both; }

C_01_curl_and_nginx() {
	needs nginx curl || return
	way=plain server="timeout 600"
	nginx_server
	expect 0 curl -sS http://0.0.0.0:8080/1
	expect 7 "$ctl" run --strict -- curl -sS http://0.0.0.0:8080/1
	stop
}

redis_server() {
	start 6379 redis-server --save '' --appendonly no --dir "$tmp"
}
redis_client() {
	$client redis-benchmark -q -n 1000 -c 50 -P 4 -t ping,set,get,incr,lpush,mset |
		tr '\r' '\n' | sed -n 's/: .* requests per second.*//p'
	$client redis-cli get counter:__rand_int__
	$client redis-cli info commandstats |
		sed -n 's/^cmdstat_\([a-z|]*\):calls=\([0-9]*\),.*/\1 \2/p' |
		grep -v -e config -e command | sort
}
redis_and_benchmark() { needs redis-server redis-benchmark && compare redis 300 both; }

iperf3_server() { start 5201 iperf3 -s; }
# iperf3_run BYTES ARG...: so many have to arrive at least.
iperf3_run() {
	bytes=$1
	shift
	$client iperf3 -c 127.0.0.1 -J "$@" >"$tmp/json"
	echo "iperf3 $*: status $?"
	python3 -c 'if True:
		import json, sys
		end = json.load(sys.stdin)["end"]
		total = end.get("sum_received") or end["sum"]
		print("enough" if total["bytes"] >= int(sys.argv[1]) else total)' \
		"$bytes" <"$tmp/json"
}
# What is on its way at the end is not counted, and datagrams may get lost.
iperf3_client() {
	iperf3_run 8388608 -n 16M
	iperf3_run 8388608 -n 16M -R
	iperf3_run 524288 -u -b 20M -n 1M
	iperf3_run 524288 -u -b 20M -n 1M -R
}
iperf3_tcp_and_udp() { needs iperf3 python3 && compare iperf3 8 both; }

sshd_server() {
	mkdir -p /run/sshd "$tmp/ssh"
	[ -f "$tmp/ssh/key" ] || ssh-keygen -q -t ed25519 -N '' -f "$tmp/ssh/key"
	start 2222 "$(command -v sshd)" -D -e -p 2222 -h "$tmp/ssh/key" \
		-o AuthorizedKeysFile="$tmp/ssh/key.pub" -o StrictModes=no -o UsePAM=no
}
sshd_client() {
	set -- -i "$tmp/ssh/key" -o StrictHostKeyChecking=no \
		-o UserKnownHostsFile=/dev/null -o LogLevel=ERROR
	$client ssh "$@" -p 2222 127.0.0.1 'echo "$0 says $(cat)"; exit 7' <<-END
		hello
	END
	echo "status $?"
	rm -f "$tmp/ssh/copy"
	file=$tmp/www/large
	[ "$way" = plain ] || file=$tmp/file
	$client scp "$@" -q -P 2222 "$file" "127.0.0.1:$tmp/ssh/copy"
	echo "status $?"
	cmp "$file" "$tmp/ssh/copy" && echo same
}
ssh_and_scp() { needs sshd ssh scp && compare sshd 2 both; }

dnsmasq_server() {
	# shellcheck disable=SC2046 # eight words
	start 53 dnsmasq --no-daemon --conf-file=/dev/null --no-resolv --no-hosts --user=root \
		--listen-address=127.0.0.1 --bind-interfaces \
		--address=/a.test/192.0.2.7 --address=/a.test/2001:db8::7 \
		$(printf -- '--txt-record=big.test,%0200d ' 1 2 3 4 5 6 7 8)
}
# The last answer does not fit into a datagram, and is asked for by TCP.
dnsmasq_client() {
	$client dig @127.0.0.1 +tries=1 +noall +comments +answer a.test A a.test AAAA \
		nowhere.test A a.test A +tcp big.test TXT | sed -E 's/id: [0-9]+//' | sort
	$client dig @127.0.0.1 -p 54 +tries=1 +time=1 a.test A |
		grep -o -e 'connection refused' -e 'timed out'
}
dnsmasq_and_dig() { needs dnsmasq dig && compare dnsmasq 6 server client both; }

postgres_server() {
	data=$tmp/postgres
	[ -d "$data" ] || {
		mkdir "$data" && chown postgres: "$data"
		as postgres initdb -N -A trust -D "$data" >"$tmp/initdb" 2>&1 ||
			fail "initdb: $(tail -n 3 "$tmp/initdb")"
	}
	start 5432 setpriv --reuid=postgres --regid=postgres --clear-groups \
		"$(command -v postgres)" -D "$data" -F -h 127.0.0.1 -k ''
}
postgres_client() {
	export PGHOST=127.0.0.1 PGUSER=postgres PGDATABASE=postgres
	$client pgbench -q -i -I dtGp 2>&1 | grep -o '^done'
	$client pgbench -n -c 10 -t 5 2>&1 | grep -e processed -e failed
	$client psql -At -c 'select count(*),
		sum(delta) = (select sum(abalance) from pgbench_accounts),
		sum(delta) = (select sum(tbalance) from pgbench_tellers) from pgbench_history'
}
postgres_and_pgbench() {
	PATH=$PATH:$(echo /usr/lib/postgresql/*/bin)
	needs postgres pgbench psql && compare postgres 12 both
}

caddy_server() { HOME=$tmp start 8090 caddy file-server --listen :8090 --root "$tmp/www"; }
caddy_client() {
	$client hey -n 200 -c 50 http://127.0.0.1:8090/1 | grep -A 9 'Status code'
	$client hey -n 100 -c 5 -disable-keepalive 'http://[::1]:8090/2' | grep -A 9 'Status code'
	$client curl -sS http://127.0.0.1:8090/large | sha256sum
}
caddy_and_hey() { needs caddy hey curl && compare caddy 151 both; }

# The root of a container, in which a client connects to a server: it says what came,
# how often the family was connected, and what the sockets of a static program are.
make_container() {
	needs bwrap podman crun newuidmap busybox || return
	[ ! -d "$box" ] || return 0
	mkdir -p "$box/bin" "$box/proc" "$box/sys" "$box/dev" "$box/etc" "$box/run" \
		"$box/www" "$tmp/home" "$tmp/roots"
	cp "$(command -v busybox)" "$box/bin"
	for applet in sh awk head httpd killall wget; do ln -s busybox "$box/bin/$applet"; done
	cp "$tools/wspctl" "$tools/wspctl-preload.so" "$here/wsp_probe_static" "$box"
	ldd "$tools/wspctl" | awk '/\// { print /=>/ ? $3 : $1 }' | while read -r library; do
		mkdir -p "$box${library%/*}" && cp "$library" "$box$library"
	done
	cat >"$box/inside" <<-'END'
		#!/bin/sh
		httpd -p 127.0.0.1:8080 -h /www
		wget -q -O - http://127.0.0.1:8080/hello
		awk '$1 == "WspConnected" { print $1, $2 }' /proc/net/wsp_stat
		/wsp_probe_static | head -n 1
		killall httpd
	END
	chmod 755 "$box/inside"
	echo hello >"$box/www/hello"
	printf '%s\n' hello 'WspConnected 0' 'stream: plain' >"$tmp/plain"
	printf '%s\n' hello 'WspConnected 1' 'stream: wsp stream ipv4' >"$tmp/wsp"
	: >"$tmp/nothing"
	chown -R 65534:65534 "$box" "$tmp/home"
}

# Root, and somebody who has a home.
root() { HOME=$tmp/roots XDG_RUNTIME_DIR=$tmp/roots timeout -k 5 100 "$@"; }
user() {
	USER=nobody HOME=$tmp/home XDG_RUNTIME_DIR=$tmp/home timeout -k 5 100 \
		setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# gives FILE WHO COMMAND...: that is what it says.
gives() {
	program="$*"
	file=$1
	shift
	"$@" >"$tmp/out" 2>"$tmp/err"
	same "$file" && sed 's/^/#   /' "$tmp/err"
}

# connects_here COMMAND...: its client connects in this network.
connects_here() {
	before=$(connects)
	"$@" >"$tmp/out" 2>"$tmp/err"
	says '^hello$'
	made=$(($(connects) - before))
	[ $made = 1 ] || fail "$*: $made connects of the family's here: $(cat "$tmp/err")"
}

# LD_PRELOAD does not reach static programs.
F_04_bubblewrap() {
	make_container || return
	set -- bwrap --unshare-all --bind "$box" / --proc /proc --dev /dev
	for who in user root; do
		gives plain $who "$@" /inside
		gives plain $who "$ctl" run -- "$@" /inside
		gives wsp $who "$ctl" run --seccomp -- "$@" /inside
		gives wsp $who "$ctl" run --strict -- "$@" /inside
		connects_here $who "$ctl" run --strict -- "$@" --share-net /inside
	done
	# A container in a container.
	set -- bwrap --unshare-all --ro-bind / / --proc /proc --dev /dev
	user "$ctl" run --strict -- "$@" "$@" "$here/wsp_probe_raw" >"$tmp/out" 2>"$tmp/err"
	says '^stream: wsp'
	# LD_PRELOAD does where the object is there too.
	user "$ctl" run -- "$@" "$here/wsp_probe_dynamic" >"$tmp/out" 2>"$tmp/err"
	says '^stream: wsp'
}

# wspctl run by a user inside, as root's or anyone's.
F_04_bubblewrap_inside() {
	make_container || return
	set -- bwrap --unshare-all --bind "$box" / --dev /dev --ro-bind /sys /sys
	for who in user root; do
		for strict in '' --strict; do
			# shellcheck disable=SC2086 # one word, or none
			gives wsp $who "$@" --proc /proc /wspctl run $strict -- /inside
			# shellcheck disable=SC2086 # one word, or none
			gives wsp $who "$ctl" run --strict -- "$@" --proc /proc \
				/wspctl run $strict -- /inside
		done
		# Without a /proc, with another's, without a /sys.
		gives nothing $who "$@" /wspctl run --strict -- /inside
		complains '/proc is not of this pid namespace'
		gives nothing $who "$@" --ro-bind /proc /proc /wspctl run --strict -- /inside
		complains '/proc is not of this pid namespace'
		gives nothing $who "$@" --tmpfs /sys /wspctl run --strict -- /inside
		complains '/sys is not there'
	done
}

podman="podman --log-level=error --cgroup-manager=cgroupfs --storage-driver=vfs"
podman="$podman --events-backend=file run --rm --log-driver=none"

F_04_podman() {
	make_container || return
	none="$podman --cgroups=disabled --network none --rootfs $box"
	host="$podman --cgroups=disabled --network host --rootfs $box"
	# shellcheck disable=SC2086 # several words
	gives plain user $none /inside
	for strict in '' --strict; do
		# shellcheck disable=SC2086 # several words
		gives wsp user "$ctl" run $strict -- $none /inside
		# shellcheck disable=SC2086 # several words
		connects_here user "$ctl" run $strict -- $host /inside
		# shellcheck disable=SC2086 # several words
		gives wsp user $none /wspctl run $strict -- /inside
	done
}

# Whoever has more users than one needs newuidmap, which is setuid: before the run.
F_04_podman_of_many_users() {
	make_container || return
	for file in /etc/subuid /etc/subgid; do echo nobody:100000:65536 >$file; done
	# shellcheck disable=SC2086 # several words
	set -- $podman --cgroups=disabled --network none --user 7:8 --rootfs "$box" /inside
	find "$tmp/home" -mindepth 1 -delete
	gives nothing user "$ctl" run --strict -- "$@"
	complains 'newuidmap.*Operation not permitted'
	gives wsp user podman unshare "$ctl" run --strict -- "$@"
	# A namespace that is left from before does as well.
	gives plain user "$@"
	gives wsp user "$ctl" run --strict -- "$@"
	rm /etc/subuid /etc/subgid
}

# Its containers have cgroups of their own.
F_04_podman_of_root() {
	make_container || return
	for strict in '' --strict; do
		# shellcheck disable=SC2086 # several words
		gives wsp root "$ctl" run $strict -- $podman --network none \
			--uidmap 0:100000:1000 --gidmap 0:100000:1000 --user 7:8 \
			--rootfs "$box" /inside
	done
	way=server server="env HOME=$tmp/roots timeout 100 $family"
	# shellcheck disable=SC2086 # several words
	start 8080 $podman --network host --rootfs "$box" /bin/httpd -f -p 127.0.0.1:8080
	ss -Htln --cgroup 'sport = 8080' | grep -q cgroup:/libpod_parent/libpod- ||
		fail "not of the container's cgroup: $(ss -Htln --cgroup 'sport = 8080')"
	pkill -9 -x httpd
	wait "$serving"
}

# at_least COUNT: so many sockets of the family have been created since $before.
at_least() {
	made=$(($(count WspSockets) - before))
	echo "# $made sockets of the family"
	[ $made -ge "$1" ] || fail "too few sockets of the family"
}

# expected: tests that fail with the family's sockets, and the rule that says so.
expected() {
	cat <<-END
	parallel/test-net-listen-ipv6only.js C-01
	END
}

# suite ONE TEST...: ONE runs a test, with plain sockets or through "$client". What
# fails only with the latter needs a rule; what fails but once was too slow.
suite() {
	one=$1
	shift
	for id; do
		client=$family
		rule=$(expected | sed -n "s,^$id ,,p")
		if "$one" "$id"; then
			[ -z "$rule" ] || fail "$id passes, in spite of $rule"
			continue
		fi
		cp "$tmp/log" "$tmp/why"
		client=
		if ! "$one" "$id"; then
			echo "# $id: fails with plain sockets too"
		elif [ -n "$rule" ]; then
			echo "# $id: differs by $rule"
		elif client=$family && ! "$one" "$id"; then
			fail "$id: passes with plain sockets only"
			tail -n 15 "$tmp/why" | sed 's/^/#   /'
		fi
	done
}

# UDP-Lite is none of the family's; an alarm of a second comes too early on a slow machine.
python_tests() {
	# shellcheck disable=SC2086 # several words, or none
	PYTHONDONTWRITEBYTECODE=1 timeout 600 $client python3 -m test -v \
		-u network -i '*UDPLITE*' -i '*interrupted*' "$@" \
		>"$tmp/log" 2>&1
}
python_one() { python_tests -m "${1#* }" "${1%% *}"; }
python_suite() {
	python3 -c 'import test.test_socket' 2>/dev/null ||
		{ skip "no libpython3-testsuite" && return; }
	cd "$tmp" || return
	client=$family
	before=$(count WspSockets)
	modules="test_asyncio.test_sock_lowlevel test_asyncio.test_server test_asyncio.test_streams"
	[ "${WSP_SUITES-}" != all ] ||
		modules="$modules test_socketserver test_selectors test_socket"
	for module in ${WSP_PYTHON-$modules}; do
		python_tests "$module"
		sed -n "s/^Ran /# $module: &/p" "$tmp/log"
		sed -nE "s/^(ERROR|FAIL): .* \((.*)\)\$/$module \2/p" "$tmp/log" |
			sort -u >"$tmp/ids"
		while IFS= read -r id <&3; do suite python_one "$id"; done 3<"$tmp/ids"
	done
	at_least 100
}

node_one() {
	# shellcheck disable=SC2046,SC2086 # several words, or none
	timeout 60 $client node $(sed -n 's,^// Flags: ,,p' "$1") "$1" >"$tmp/log" 2>&1
}
node_suite() {
	export NODE_TEST_DIR="$tmp" NODE_SKIP_FLAG_CHECK=1
	needs node || return
	[ -d "${WSP_NODE_TESTS-}" ] || { skip "no tests of Node.js" && return; }
	cd "$WSP_NODE_TESTS" || return
	tests='parallel/test-net-pi*.js parallel/test-net-server-c*.js parallel/test-dgram-conn*.js'
	[ "${WSP_SUITES-}" != all ] || tests='parallel/*.js'
	# shellcheck disable=SC2086 # patterns
	set -- ${WSP_NODE-$tests}
	echo "# $# tests"
	before=$(count WspSockets)
	suite node_one "$@"
	at_least $(($# * 2))
}

make_files
# shellcheck disable=SC2086 # several words
run_tests ${tests:-nginx_and_curl C_01_curl_and_nginx redis_and_benchmark \
	iperf3_tcp_and_udp ssh_and_scp dnsmasq_and_dig postgres_and_pgbench caddy_and_hey \
	F_04_bubblewrap F_04_bubblewrap_inside F_04_podman F_04_podman_of_many_users \
	F_04_podman_of_root python_suite node_suite}
