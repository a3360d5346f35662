import {
  addNodeRecord,
  deleteNodeRecord,
  discoverTargets,
  findNodeFolder,
  listNodeRecords,
  logInAtBoot,
  writeChap,
} from "../../../src/host/iscsi-node.ts";
import { listIscsiSessions, logIn, logOut, readInitiatorName, rescanTarget } from "../../../src/host/iscsi-session.ts";
import type { Family } from "./family.ts";

const TARGET = "iqn.2026-11.lab.san:array1";
const PORTAL = { address: "10.0.2.2", port: 3260 };
const AT = `--targetname=${TARGET} --portal=10.0.2.2:3260`;

export const iscsi: Family = {
  reads: [discoverTargets(PORTAL), findNodeFolder, listIscsiSessions, listNodeRecords(TARGET), readInitiatorName],
  changes: [
    [addNodeRecord(TARGET, PORTAL), `iscsiadm --mode=node --op=new ${AT}`],
    [deleteNodeRecord(TARGET, PORTAL), `iscsiadm --mode=node --op=delete ${AT}`],
    [logIn(TARGET, PORTAL), `iscsiadm --mode=node ${AT} --login`],
    [logInAtBoot(TARGET, PORTAL), `iscsiadm --mode=node --op=update ${AT} --name=node.startup --value=automatic`],
    [logOut(TARGET, PORTAL), `iscsiadm --mode=node ${AT} --logout`],
    [rescanTarget(TARGET), `iscsiadm --mode=node --targetname=${TARGET} --rescan`],
    [
      writeChap(`/etc/iscsi/nodes/${TARGET}/10.0.2.2,3260`, "zstack", "chap"),
      `sed --in-place --file=- -- /etc/iscsi/nodes/${TARGET}/10.0.2.2,3260`,
    ],
  ],
  destroying: [],
};
