# SPDX-License-Identifier: GPL-2.0
SUMMARY = "AF_WSP, sockets with the connection rules of Windows CE - module"
DESCRIPTION = "An address family of Linux whose sockets are the kernel's own TCP \
and UDP sockets, but connect by the rules of Windows CE's WSPConnect."
SECTION = "kernel/modules"
LICENSE = "GPL-2.0-only"
LIC_FILES_CHKSUM = "file://COPYING;md5=b234ee4d69f5fce4486a80fdaf4a4263"

inherit module

# What "make dist" has made, in a directory files/ beside this file.
SRC_URI = "file://wspfam-${PV}.tar.xz;subdir=${BP};striplevel=1"

# The tree's Makefile is for people; Kbuild is the kernel's.
EXTRA_OEMAKE += "-C ${STAGING_KERNEL_DIR} M=${S}"
MAKE_TARGETS = "modules"

RPROVIDES:${PN} += "kernel-module-wspfam"
