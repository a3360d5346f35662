import { ROOT_HELPER } from "../../../src/host/root-helper/installed.ts";
import { becomesCentos7, becomesFresh, becomesRocky, byHand } from "../../scenario/by-hand.ts";
import { luns } from "../../scenario/target.ts";
import { changes, HOST1, HOST2, HOST3 } from "../../scenario/two-clusters.ts";
import type { CrashTable } from "../crash-table.ts";

const CONF = "/etc/multipath.conf";

export const hostPrepare: CrashTable = {
  command: "host prepare",
  title: "Prepare cluster-1",
  async before(story) {
    await becomesFresh(story, HOST2);
    return "host prepare cluster-1 install=true";
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST2, program: "hostnamectl" },
    { host: HOST2, program: "cp", argument: "/etc/hosts" },
    { host: HOST2, program: "tee", argument: "/etc/hosts.zstack-chatops" },
    { host: HOST2, program: "mv", argument: "/etc/hosts" },
    { host: HOST2, program: "mkdir", argument: "/etc/sanlock" },
    { host: HOST2, program: "tee", argument: "/etc/sanlock/sanlock.conf.zstack-chatops" },
    { host: HOST2, program: "mv", argument: "/etc/sanlock/sanlock.conf" },
    { host: HOST2, program: "apt-get", argument: "update" },
    { host: HOST2, program: "dpkg", argument: "--configure" },
    { host: HOST2, program: "apt-get", argument: "install" },
    { host: HOST2, program: "modprobe" },
    { host: HOST2, program: "mkdir", argument: "/etc/modules-load.d" },
    { host: HOST2, program: "tee", argument: "/etc/modules-load.d/zstack-chatops.conf.zstack-chatops" },
    { host: HOST2, program: "mv", argument: "/etc/modules-load.d/zstack-chatops.conf" },
    { host: HOST1, program: "systemctl", argument: "enable" },
    { host: HOST3, program: "tee", argument: `${ROOT_HELPER}.zstack-chatops` },
    { host: HOST3, program: "chmod", argument: `${ROOT_HELPER}.zstack-chatops` },
    { host: HOST3, program: "mv", argument: ROOT_HELPER },
  ],
  nothingOmitted: `already prepared: ${HOST1}, ${HOST2}, ${HOST3}`,
  once: /apt-get .*install|hostnamectl/,
  records: "never",
};

export const multipathEnable: CrashTable = {
  command: "multipath enable",
  title: `Enable multipath on ${HOST2}`,
  async before(story) {
    await byHand(story, HOST2, ["systemctl", "disable", "--now", "multipathd.service"]);
    await byHand(story, HOST2, ["multipath", "-f", luns.blank]);
    return `multipath enable ${HOST2} names=wwid`;
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST2, program: "modprobe", argument: "--all" },
    { host: HOST2, program: "mkdir", argument: "/etc/modules-load.d" },
    { host: HOST2, program: "tee", argument: "/etc/modules-load.d/zstack-chatops.conf.zstack-chatops" },
    { host: HOST2, program: "mv", argument: "/etc/modules-load.d/zstack-chatops.conf" },
    { host: HOST2, program: "cp", argument: CONF },
    { host: HOST2, program: "tee", argument: `${CONF}.zstack-chatops` },
    { host: HOST2, program: "mv", argument: CONF },
    { host: HOST2, program: "systemctl", argument: "enable" },
    { host: HOST2, program: "multipathd", argument: "reconfigure" },
    { host: HOST2, program: "udevadm", argument: "settle" },
  ],
  nothingOmitted: `multipath is set up already: ${HOST2}`,
  once: /systemctl enable|modprobe/,
  records: "never",
};

export const hostRescan: CrashTable = {
  command: "host rescan",
  title: `Rescan ${HOST2}`,
  // The host lost a LUN that the array offers again.
  async before(story) {
    await story.hosts.takes(luns.blank, HOST2);
    await story.hosts.offers(luns.blank, HOST2);
    return `host rescan ${HOST2}`;
  },
  confirms: null,
  steps: [
    { host: HOST2, program: "tee" },
    { host: HOST2, program: "udevadm" },
  ],
  nothingOmitted: null,
  once: null,
  records: "never",
};

const byPackageManager = (manager: "dnf" | "yum"): CrashTable => ({
  command: "host prepare",
  when: `with ${manager}`,
  title: `Prepare ${HOST3}`,
  async before(story) {
    await (manager === "dnf" ? becomesRocky : becomesCentos7)(story, HOST3);
    // So only the package and its service are left to do.
    await changes(story, `host prepare ${HOST3}`);
    await story.shows(`Prepare ${HOST3}: done`);
    await byHand(story, HOST3, [manager, "--assumeyes", "remove", manager === "dnf" ? "sanlock" : "lvm2-lockd"]);
    return `host prepare ${HOST3} install=true`;
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST3, program: manager, argument: "install" },
    { host: HOST3, program: "systemctl", argument: "enable" },
  ],
  nothingOmitted: `already prepared: ${HOST3}`,
  once: /(dnf|yum) .*install/,
  records: "never",
});
export const hostPrepareWithDnf = byPackageManager("dnf");
export const hostPrepareWithYum = byPackageManager("yum");

export const multipathEnableOnRhel: CrashTable = {
  command: "multipath enable",
  when: "on RHEL",
  title: `Enable multipath on ${HOST1}`,
  async before(story) {
    await becomesRocky(story, HOST1);
    await byHand(story, HOST1, ["systemctl", "disable", "--now", "multipathd.service"]);
    await byHand(story, HOST1, ["multipath", "-f", luns.blank]);
    await byHand(story, HOST1, ["mv", "--", CONF, "/root/multipath.conf"]);
    return `multipath enable ${HOST1}`;
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST1, program: "modprobe", argument: "--all" },
    { host: HOST1, program: "mkdir", argument: "/etc/modules-load.d" },
    { host: HOST1, program: "tee", argument: "/etc/modules-load.d/zstack-chatops.conf.zstack-chatops" },
    { host: HOST1, program: "mpathconf" },
    { host: HOST1, program: "mv", argument: "/etc/modules-load.d/zstack-chatops.conf" },
    { host: HOST1, program: "systemctl", argument: "enable" },
    { host: HOST1, program: "multipathd", argument: "reconfigure" },
    { host: HOST1, program: "udevadm", argument: "settle" },
  ],
  nothingOmitted: `multipath is set up already: ${HOST1}`,
  // The file is made once. If it exists, mpathconf only starts the daemon.
  once: /mpathconf .*--find_multipaths y --user_friendly_names n/,
  records: "never",
};
