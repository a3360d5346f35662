import { first, guarded, loggedIn, second, secret, shared, user } from "../../scenario/iscsi-words.ts";
import type { Story } from "../../scenario/story.ts";
import { HOST3 } from "../../scenario/two-clusters.ts";
import type { CrashTable } from "../crash-table.ts";

async function confirmsWithSecret(story: Story): Promise<void> {
  await story.clicks("Confirm");
  await story.sendsSecret("chap", secret);
}

export const iscsiLogin: CrashTable = {
  command: "iscsi login",
  title: `Log cluster-1 in to ${guarded}`,
  before: async () => `iscsi login cluster-1 portal=${first},${second} target=${guarded} chap-user=${user}`,
  confirms: confirmsWithSecret,
  steps: [
    { host: HOST3, program: "systemctl", argument: "--now" },
    { host: HOST3, program: "iscsiadm", argument: "--op=new" },
    { host: HOST3, program: "iscsiadm", argument: "--op=update" },
    { host: HOST3, program: "sed" },
    { host: HOST3, program: "iscsiadm", argument: "--login" },
    { host: HOST3, program: "systemctl", argument: "enable", without: "--now" },
    { host: HOST3, program: "iscsiadm", argument: "--rescan" },
    { host: HOST3, program: "udevadm" },
  ],
  nothingOmitted: null,
  once: /--login/,
  records: "never",
};

export const iscsiLogout: CrashTable = {
  command: "iscsi logout",
  title: `Log cluster-1 out of ${shared}`,
  async before(story) {
    await loggedIn(story);
    return `iscsi logout cluster-1 target=${shared}`;
  },
  confirms: (story) => story.clicks("Confirm"),
  steps: [
    { host: HOST3, program: "multipath", argument: "-f" },
    { host: HOST3, program: "iscsiadm", argument: "--logout" },
    { host: HOST3, program: "udevadm" },
    { host: HOST3, program: "iscsiadm", argument: "--op=delete" },
  ],
  nothingOmitted: null,
  once: /multipath -f|--logout|--op=delete/,
  records: "never",
};
