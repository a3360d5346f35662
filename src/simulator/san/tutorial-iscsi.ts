import { blank } from "./content.ts";
import type { IscsiTarget, SanLun } from "./san-state.ts";

const tebibyte = 1024 ** 4;

/** A second array, over iSCSI, to which no host is logged in yet. */
export const tutorialIscsi = {
  portals: ["172.20.14.11", "172.20.14.12"],
  /** Allows every initiator. Its portals report addresses that no host can reach. */
  shared: "iqn.2003-01.org.linux-iscsi.array2:shared",
  /** Accepts only the CHAP user and its secret. */
  guarded: "iqn.2003-01.org.linux-iscsi.array2:guarded",
  chap: { user: "zstack", secret: "an-Array2-secret" },
  luns: {
    shared: "36001405a7c3b1f6d5e84d3a9c1f0b2e7",
    guarded: "36001405d41e9a0b87f24c6d8b35f1a09",
  },
} as const;

export function iscsiArray(): SanLun[] {
  const array = { logicalSectorBytes: 512, vendor: "LIO-ORG", product: "array2", revision: "4.0", content: blank() };
  return [
    { ...array, wwid: tutorialIscsi.luns.shared, number: 1, sizeBytes: tebibyte },
    { ...array, content: blank(), wwid: tutorialIscsi.luns.guarded, number: 1, sizeBytes: tebibyte },
  ];
}

export function iscsiTargets(): IscsiTarget[] {
  const portals = (told: (address: string) => string) =>
    tutorialIscsi.portals.map((address, index) => {
      return { address, port: 3260, group: index + 1, told: told(address), answers: true, sendsOnTo: null };
    });
  return [
    {
      name: tutorialIscsi.shared,
      portals: portals((address) => address.replace("172.20.14", "192.168.77")),
      chap: null,
      luns: [{ number: 1, wwid: tutorialIscsi.luns.shared, serial: null }],
    },
    {
      name: tutorialIscsi.guarded,
      portals: portals((address) => address),
      chap: { ...tutorialIscsi.chap },
      luns: [{ number: 1, wwid: tutorialIscsi.luns.guarded, serial: null }],
    },
  ];
}
