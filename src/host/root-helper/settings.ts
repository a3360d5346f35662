import { ETC_HOSTS } from "../hostname.ts";
import { MODULES_AT_BOOT } from "../kernel-modules.ts";
import { LVM_LOCAL_CONF, SANLOCK_CONF } from "../lvm-settings.ts";
import { MULTIPATH_CONF } from "../multipath-conf.ts";

/**
 * The settings files that the bot replaces, each with the prefix of its two classes. A line of the new text must be a
 * line of the file now, or differ from one by the bot's settings only, or be one of the bot's own lines. LVM, multipath
 * and the root helper read the values alike, and such a line is short. So the login user can't add a setting that makes
 * LVM or multipath run a program.
 */
export const SETTINGS_FILES: Readonly<Record<string, string>> = {
  [ETC_HOSTS]: "hosts",
  [LVM_LOCAL_CONF]: "lvm",
  [MODULES_AT_BOOT]: "modules",
  [MULTIPATH_CONF]: "multipath",
  [SANLOCK_CONF]: "sanlock",
};
