import { becomesFresh, byHand } from "../../scenario/by-hand.ts";
import { luns } from "../../scenario/target.ts";
import { HOST1, HOST2 } from "../../scenario/two-clusters.ts";
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
  ],
  nothingLeft: "nothing to do",
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
  nothingLeft: "nothing to do",
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
  nothingLeft: null,
  once: null,
  records: "never",
};
