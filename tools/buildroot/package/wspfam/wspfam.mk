# SPDX-License-Identifier: GPL-2.0
################################################################################
#
# wspfam
#
################################################################################

WSPFAM_VERSION = 0.1
# What "make dist" has made.
WSPFAM_SOURCE = wspfam-$(WSPFAM_VERSION).tar.xz
WSPFAM_SITE = file://$(BR2_EXTERNAL_WSPFAM_PATH)
WSPFAM_LICENSE = GPL-2.0 (module, wspctl), LGPL-2.1+ (libwsp)
WSPFAM_LICENSE_FILES = COPYING
WSPFAM_INSTALL_STAGING = YES
WSPFAM_TOOLS = libwsp

ifeq ($(BR2_PACKAGE_WSPFAM_WSPCTL),y)
WSPFAM_DEPENDENCIES += json-c libseccomp
WSPFAM_TOOLS += wspctl
endif

define WSPFAM_LINUX_CONFIG_FIXUPS
	$(call KCONFIG_ENABLE_OPT,CONFIG_INET)
	$(call KCONFIG_ENABLE_OPT,CONFIG_IPV6)
endef

define WSPFAM_BUILD_CMDS
	$(foreach tool,$(WSPFAM_TOOLS),
		$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) \
			-C $(@D)/tools/$(tool) PREFIX=/usr
	)
endef

define WSPFAM_INSTALL_STAGING_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) \
		-C $(@D)/tools/libwsp PREFIX=/usr DESTDIR=$(STAGING_DIR) install
endef

define WSPFAM_INSTALL_TARGET_CMDS
	$(foreach tool,$(WSPFAM_TOOLS),
		$(TARGET_MAKE_ENV) $(MAKE) $(TARGET_CONFIGURE_OPTS) \
			-C $(@D)/tools/$(tool) PREFIX=/usr DESTDIR=$(TARGET_DIR) install
	)
endef

$(eval $(kernel-module))
$(eval $(generic-package))
