# SPDX-License-Identifier: GPL-2.0
SUMMARY = "AF_WSP, sockets with the connection rules of Windows CE - library, wspctl"
DESCRIPTION = "Winsock's service-provider calls on AF_WSP sockets, and wspctl, which \
gives such sockets to unmodified programs and looks at those that there are."
SECTION = "libs/network"
LICENSE = "LGPL-2.1-or-later & GPL-2.0-only"
LICENSE:${PN} = "LGPL-2.1-or-later"
LICENSE:wspctl = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://COPYING;md5=b234ee4d69f5fce4486a80fdaf4a4263"

DEPENDS = "json-c libseccomp"

# What "make dist" has made, in a directory files/ beside this file.
SRC_URI = "file://wspfam-${PV}.tar.xz;subdir=${BP};striplevel=1"

# CC, AR, OBJCOPY and the flags are in the environment.
EXTRA_OEMAKE = "PREFIX=${prefix} LIBDIR=${libdir} INCLUDEDIR=${includedir} \
    SBINDIR=${sbindir} MANDIR=${mandir}"

do_compile() {
    for tool in libwsp wspctl; do
        oe_runmake -C ${S}/tools/$tool
    done
}

do_install() {
    for tool in libwsp wspctl; do
        oe_runmake -C ${S}/tools/$tool DESTDIR=${D} install
    done
}

PACKAGE_BEFORE_PN = "wspctl"
FILES:wspctl = "${sbindir} ${libdir}/wspctl ${datadir}/bash-completion"
RRECOMMENDS:${PN} = "kernel-module-wspfam"
RRECOMMENDS:wspctl = "kernel-module-wspfam"
