# SPDX-License-Identifier: GPL-2.0
# What people type; "make help" lists it. Kbuild holds the module's build.

RELEASE := $(shell uname -r)
KDIR ?= /lib/modules/$(RELEASE)/build
KERNEL ?= 6.1
KERNELS ?= $(KERNEL)
FUZZ_TIME ?= 60
PREFIX ?= /usr/local
VERSION = $(shell sed -n 's/^VERSION := //p' tools/libwsp/Makefile)

# Kernels with BTF want pahole for their modules; do without where it is not.
KBUILD = $(MAKE) -C $(KDIR) M=$(CURDIR) \
	$(if $(shell command -v pahole),,CONFIG_DEBUG_INFO_BTF_MODULES=)

all: module libwsp wspctl

kdir:
	@test -f '$(KDIR)/include/config/auto.conf' || { \
		echo "make: $(KDIR) is not a kernel build tree; install" \
			"linux-headers-$(RELEASE), or give KDIR=DIR." >&2; \
		echo "make: 'make check' builds and tests on a kernel of its own." >&2; \
		exit 1; }

module: kdir
	$(KBUILD) modules

# Who brings a compiler brings what goes with it.
compiler:
	@$(if $(filter default,$(origin CC)),scripts/deps build)

libwsp: compiler
	$(MAKE) -C tools/libwsp

wspctl: compiler
	$(MAKE) -C tools/wspctl

demo: libwsp
	@scripts/deps tests
	$(MAKE) -C tools/demo
	ko=$$(scripts/kernels/module $(KERNEL)) && \
		scripts/vm/vm run -k $(KERNEL) -m "$$ko" -- tools/demo/wsp-demo

check:
	@TEST='$(TEST)' scripts/test/check $(addsuffix $(ARCH:%=-%),$(KERNELS))

check-programs:
	@TEST='$(TEST)' scripts/test/check-programs $(KERNELS)

check-sources:
	@scripts/test/check-sources

run-sources:
	@scripts/test/run-sources $(KERNELS)

bench:
	@selftests/bench/run $(KERNELS)

bench-quick:
	@selftests/bench/run -q $(KERNELS)

kunit:
	@scripts/test/kunit

check-debug:
	@TEST='$(TEST)' scripts/test/check uml uml+kmemleak=on debug kcsan
	@[ -n '$(TEST)' ] || TEST=sanitized scripts/test/check 6.1

fuzz:
	@scripts/test/fuzz $(if $(FUZZ_INPUT),replay '$(FUZZ_INPUT)',$(FUZZ_TIME))

coverage:
	@scripts/coverage/coverage

vm: libwsp wspctl
	@scripts/deps tests
	ko=$$(scripts/kernels/module $(KERNEL)) && scripts/vm/vm shell -k $(KERNEL) -m "$$ko"

lint:
	@scripts/lint

abi:
	@scripts/deps build abi
	@tools/libwsp/abi refresh

docs:
	@scripts/docs/docs
	@echo Documentation/output/index.html

deb:
	@scripts/deb/deb $(ARCH)

dist:
	git archive --prefix=wspfam-$(VERSION)/ HEAD | xz >wspfam-$(VERSION).tar.xz

check-deb:
	@scripts/deb/check-deb $(or $(KERNEL),6.1)$(ARCH:%=-%)

# A name that is the same in all directories.
install: override DESTDIR := $(abspath $(DESTDIR))
install: module libwsp wspctl
	$(KBUILD) INSTALL_MOD_PATH=$(DESTDIR) DEPMOD=true modules_install
	$(MAKE) -C tools/libwsp install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	$(MAKE) -C tools/wspctl install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	[ -n '$(DESTDIR)' ] || { depmod $(RELEASE) && ldconfig; }

clean:
	find . -name .git -prune -o -type f \( -name '*.o' -o -name '*.ko' \
		-o -name '*.mod' -o -name '*.mod.c' -o -name '.*.cmd' \
		-o -name '*.o.d' -o -name Module.symvers -o -name modules.order \) \
		-exec rm -f {} +
	rm -rf Documentation/output Documentation/man
	$(MAKE) -C tools/libwsp clean
	$(MAKE) -C tools/wspctl clean
	$(MAKE) -C tools/demo clean
	$(MAKE) -C tools/portable clean
	$(MAKE) -C selftests/bench clean
	if dir=$$(scripts/kselftest -n); then $(MAKE) -C selftests \
		KSELFTEST_DIR="$$dir" OUTPUT=$(CURDIR)/selftests clean; fi

help:
	@echo 'make                  the module for the running kernel, libwsp and wspctl'
	@echo 'make module           or libwsp, wspctl: that alone; KDIR=DIR, another kernel'
	@echo 'make install          these, headers, manual pages; DESTDIR=, PREFIX=$(PREFIX)'
	@echo 'make demo             AF_INET and AF_WSP side by side, in a virtual machine'
	@echo 'make vm               a shell in one, with the module loaded; KERNEL=6.12'
	@echo 'make check            all tests, in one; KERNELS="6.1 6.12 7.3 uml",'
	@echo '                      TEST="wsp_stream wsp_dgram" these only; ARCH=arm64'
	@echo 'make check-debug      the same where memory, locks and races are checked'
	@echo 'make check-programs   curl, nginx, PostgreSQL ... through wspctl run'
	@echo 'make check-sources    compile Winsock code of others; run-sources runs some'
	@echo 'make check-deb        the packages in a fresh Debian 12'
	@echo 'make kunit            unit tests, on a kernel that has KUnit'
	@echo 'make fuzz             hostile calls; FUZZ_TIME=SECONDS, or one FUZZ_INPUT=FILE'
	@echo 'make coverage         which lines of the module and libwsp the tests run'
	@echo 'make bench            instructions for each operation; makes performance.rst'
	@echo 'make bench-quick      fewer; fails where a ratio is past its bound'
	@echo 'make lint             sparse, checkpatch, warnings, shellcheck, pages'
	@echo 'make abi              put down what has been added to what libwsp exports'
	@echo 'make docs             Documentation/ and the manual pages as HTML'
	@echo 'make deb              Debian packages: the module by DKMS, library, wspctl'
	@echo 'make dist             the sources as wspfam-$(VERSION).tar.xz'
	@echo 'make clean            remove what was built here'
	@echo 'Kernels and results are kept in $$WSP_CACHE (~/.cache/wspfam).'

.PHONY: all kdir compiler module libwsp wspctl demo check check-programs check-sources run-sources kunit check-debug fuzz coverage bench
.PHONY: bench-quick vm lint abi docs deb dist check-deb install clean help
