/** What the tools print to a person at a shell, and what is in it. */
export interface Shown {
  readonly command: string;
  readonly form: string;
  readonly printed: string;
  readonly value: unknown;
}

const tree = `NAME                       MAJ:MIN RM   SIZE RO TYPE  MOUNTPOINTS
sda                          8:0    0    20G  0 disk
├─sda1                       8:1    0     1G  0 part  /boot
│                                                     /var/boot
└─sda2                       8:2    0    19G  0 part
  └─rhel-root              253:0    0  18.5G  1 lvm   /
sdb                          8:16   0   2.2T  0 disk
└─mpatha                   253:2    0   2.2T  0 mpath
  └─7c9e-my--volume        253:3    0   512M  0 lvm
`;
const TERABYTES = Math.round(2.2 * 1024 ** 4);
const treeValue = [
  {
    name: "sda",
    kernelName: "sda",
    majorMinor: "8:0",
    type: "disk",
    sizeBytes: 20 * 1024 ** 3,
    mountPoints: [],
    readOnly: false,
    wwn: null,
    children: [
      { name: "sda1", mountPoints: ["/boot", "/var/boot"], children: [] },
      {
        name: "sda2",
        mountPoints: [],
        children: [{ name: "rhel-root", kernelName: null, readOnly: true, mountPoints: ["/"] }],
      },
    ],
  },
  {
    name: "sdb",
    children: [{ name: "mpatha", type: "mpath", sizeBytes: TERABYTES, children: [{ name: "7c9e-my--volume" }] }],
  },
];

const map = { uuid: "mpath-36b083fe000daf018000015505abbe00a", openCount: 1, mapperName: "mpatha" };
const volume = { uuid: "8F3kz1-AbCd-0000-1111-2222-3333-444444", openCount: 0, mapperName: "ps1-vol1" };
const LVM = "LVM-QyJsQfAihq9GnT5XinRC2X2sSSDwPyFL8F3kz1AbCd0000111122223333444444";

export const SHOWN: readonly Shown[] = [
  { command: "lsblk", form: "plain", printed: tree, value: treeValue },
  { command: "lsblk", form: "in ASCII, older", printed: inAscii(tree), value: treeValue },
  {
    command: "lsblk",
    form: "with blanks lost in a copy",
    printed:
      "NAME MAJ:MIN RM SIZE RO TYPE MOUNTPOINT\nnvme0n1 259:0 0 1,5T 0 disk\nsdaa 65:160 0 100.5G 0 disk /data\n",
    value: [
      { name: "nvme0n1", kernelName: "nvme0n1", sizeBytes: 1.5 * 1024 ** 4, mountPoints: [] },
      { name: "sdaa", majorMinor: "65:160", sizeBytes: 100.5 * 1024 ** 3, mountPoints: ["/data"] },
    ],
  },
  {
    command: "lsblk",
    form: "-f",
    printed: `NAME   FSTYPE      FSVER    LABEL    UUID                                   FSAVAIL FSUSE% MOUNTPOINTS
sda
└─sda1 xfs                  my data  3a1e3c0e-6a45-4f06-9d0a-0c2d1c9b4a11    700.1M    31% /boot
sdb    LVM2_member LVM2 001          zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF
`,
    value: [
      {
        name: "sda",
        sizeBytes: null,
        children: [{ name: "sda1", fileSystem: "xfs", label: "my data", mountPoints: ["/boot"] }],
      },
      { name: "sdb", fileSystem: "LVM2_member", uuid: "zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF", readOnly: null },
    ],
  },
  {
    command: "lsblk",
    form: "-J",
    printed: `{
   "blockdevices": [
      {
         "name": "sda",
         "maj:min": "8:0",
         "rm": false,
         "size": "20G",
         "ro": false,
         "type": "disk",
         "mountpoints": [
             null
         ],
         "children": [
            {"name": "sda1", "maj:min": "8:1", "rm": "0", "size": "1G", "ro": "0", "type": "part", "mountpoint": "/boot"}
         ]
      }
   ]
}
`,
    value: [
      { name: "sda", sizeBytes: 20 * 1024 ** 3, children: [{ name: "sda1", readOnly: false, mountPoints: ["/boot"] }] },
    ],
  },
  {
    command: "lsblk",
    form: "-P",
    printed: `NAME="sda" MAJ:MIN="8:0" RM="0" SIZE="20G" RO="0" TYPE="disk" MOUNTPOINT=""
NAME="my\\x20map" MAJ_MIN="253:2" RM="0" SIZE="2.2T" RO="1" TYPE="mpath" MOUNTPOINTS=""
`,
    value: [
      { name: "sda", majorMinor: "8:0", sizeBytes: 20 * 1024 ** 3, readOnly: false },
      { name: "my map", majorMinor: "253:2", sizeBytes: TERABYTES, readOnly: true },
    ],
  },
  {
    command: "pvs",
    form: "plain",
    printed: `  PV                 VG                               Fmt  Attr PSize    PFree
  /dev/mapper/mpatha 7c9e6679742540de944be07fc1f90ae7 lvm2 a--    <2.18t    <2.17t
  /dev/mapper/mpathb                                  lvm2 ---  1024.00g  1024.00g
  /dev/sda2          rhel                             lvm2 a--   <19.00g        0
  [unknown]          rhel                             lvm2 a-m    512.00M       0
`,
    value: [
      {
        device: "/dev/mapper/mpatha",
        uuid: null,
        volumeGroup: "7c9e6679742540de944be07fc1f90ae7",
        sizeBytes: Math.round(2.18 * 1024 ** 4),
      },
      { device: "/dev/mapper/mpathb", volumeGroup: null, freeBytes: 1024 ** 4, isDuplicate: false },
      { device: "/dev/sda2", volumeGroup: "rhel", freeBytes: 0 },
      { device: "[unknown]", sizeBytes: 512_000_000 },
    ],
  },
  {
    command: "pvs",
    form: "-o with UUIDs, after a warning",
    printed: `  PV                 PV UUID                                VG   PSize
  /dev/mapper/mpatha zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF rhel 10.00g
  /dev/mapper/mpathc gjLlqv-Fyb5-9DVL-fmlb-U5ZR-sH57-rfXSUN      10.00g
`,
    value: [
      { device: "/dev/mapper/mpatha", uuid: "zUbBDF-i1Sg-YU3g-h2jN-m7hr-H9Dh-qgmsnF", volumeGroup: "rhel" },
      {
        device: "/dev/mapper/mpathc",
        uuid: "gjLlqv-Fyb5-9DVL-fmlb-U5ZR-sH57-rfXSUN",
        volumeGroup: null,
        sizeBytes: 10 * 1024 ** 3,
      },
    ],
  },
  {
    command: "pvs",
    form: "--reportformat json",
    printed: `  {
      "report": [
          {
              "pv": [
                  {"pv_name":"/dev/sda2", "vg_name":"rhel", "pv_fmt":"lvm2", "pv_attr":"a--", "pv_size":"<19.00g", "pv_free":"0 "},
                  {"pv_name":"/dev/sdb", "vg_name":"", "pv_fmt":"lvm2", "pv_attr":"---", "pv_size":"1.00t", "pv_free":"1.00t"}
              ]
          }
      ]
  }
`,
    value: [
      { device: "/dev/sda2", uuid: null, volumeGroup: "rhel", sizeBytes: 19 * 1024 ** 3, freeBytes: 0 },
      { device: "/dev/sdb", volumeGroup: null, sizeBytes: 1024 ** 4 },
    ],
  },
  {
    command: "vgs",
    form: "plain",
    printed: `  VG                               #PV #LV #SN Attr   VSize    VFree
  7c9e6679742540de944be07fc1f90ae7   1   2   0 wz--ns   <2.18t   <2.17t
  rhel                               1   2   0 wz--n-  <19.00g       0
`,
    value: [
      { name: "7c9e6679742540de944be07fc1f90ae7", freeBytes: Math.round(2.17 * 1024 ** 4), tags: null },
      { name: "rhel", sizeBytes: 19 * 1024 ** 3, freeBytes: 0 },
    ],
  },
  {
    command: "lvs",
    form: "plain",
    printed: `  LV    VG   Attr       LSize    Pool Origin Data%  Meta%  Move Log Cpy%Sync Convert
  root  rhel -wi-ao----  <17.00g
  thin1 rhel Vwi-a-tz--    5.00g pool        12.50
`,
    value: [
      { name: "root", volumeGroup: "rhel", sizeBytes: 17 * 1024 ** 3, uuid: null },
      { name: "thin1", volumeGroup: "rhel", sizeBytes: 5 * 1024 ** 3 },
    ],
  },
  {
    command: "dmsetup info",
    form: "plain",
    printed: `Name:              mpatha
State:             ACTIVE
Read Ahead:        256
Tables present:    LIVE
Open count:        1
Event number:      1
Major, minor:      253, 2
Number of targets: 1
UUID: mpath-36b083fe000daf018000015505abbe00a

Name:              ps1-vol1
State:             ACTIVE
Open count:        0
UUID: ${LVM}

`,
    value: [map, volume],
  },
  {
    command: "dmsetup info",
    form: "-c",
    printed: `Name             Maj Min Stat Open Targ Event  UUID
mpatha           253   2 L--w    1    1      0 mpath-36b083fe000daf018000015505abbe00a
ps1-vol1         253   3 L--w    0    1      0 ${LVM}
`,
    value: [map, volume],
  },
  {
    command: "wipefs",
    form: "plain",
    printed: `DEVICE OFFSET        TYPE UUID                                 LABEL
sdb    0x438         ext4 7fe6c0ba-5b8d-4c12-a6c6-d8c9f5bfb0d6 my data
sdb    0x200         gpt
sdb    0x1fe         PMBR
`,
    value: [
      { offsetBytes: 0x438, type: "ext4", label: "my data", isPartitionTable: false },
      { offsetBytes: 0x200, type: "gpt", uuid: null, isPartitionTable: true },
      { type: "PMBR", isPartitionTable: true },
    ],
  },
  {
    command: "wipefs",
    form: "plain before 2.31",
    printed: `offset               type
----------------------------------------------------------------
0x438                ext4   [filesystem]
                     LABEL: my data
                     UUID:  7fe6c0ba-5b8d-4c12-a6c6-d8c9f5bfb0d6

0x1fe                dos   [partition table]

`,
    value: [
      { offsetBytes: 0x438, type: "ext4", label: "my data", uuid: "7fe6c0ba-5b8d-4c12-a6c6-d8c9f5bfb0d6" },
      { offsetBytes: 0x1fe, type: "dos", isPartitionTable: true },
    ],
  },
  {
    command: "wipefs",
    form: "-p",
    printed: "# offset,uuid,label,type\n0x438,7fe6c0ba,my\\x20data,ext4\n0x1fe,,,dos\n",
    value: [{ type: "ext4", label: "my data" }, { type: "dos" }],
  },
  {
    command: "wipefs",
    form: "-p with other columns",
    printed: "# DEVICE,OFFSET,TYPE,UUID,LABEL\nsdb,0x438,ext4,7fe6c0ba,data\nsdb,0x1fe,dos,,\n",
    value: [
      { type: "ext4", label: "data" },
      { type: "dos", isPartitionTable: true },
    ],
  },
  {
    command: "virsh domblklist",
    form: "plain",
    printed: " Target   Source\n---------------------------\n vda      /dev/ps1/vol1\n hdc      -\n\n",
    value: [
      { target: "vda", source: "/dev/ps1/vol1" },
      { target: "hdc", source: null },
    ],
  },
  {
    command: "virsh domblklist",
    form: "--details, older",
    printed:
      "Type       Device     Target     Source\n-----------------------------------------\nblock      disk       vda        /dev/ps1/vol 1\nfile       cdrom      hdc        -\n\n",
    value: [
      { type: "block", device: "disk", target: "vda", source: "/dev/ps1/vol 1" },
      { type: "file", target: "hdc", source: null },
    ],
  },
  {
    command: "iscsiadm -m session -P3",
    form: "without -P3",
    printed:
      "tcp: [1] 10.0.2.2:3260,1 iqn.2026-11.lab.san:array1 (non-flash)\ntcp: [2] [2001:db8::1]:3260,-1 iqn.2026-11.lab.san:array2\n",
    value: [
      { sid: 1, target: "iqn.2026-11.lab.san:array1", portal: { address: "10.0.2.2", port: 3260 }, disks: null },
      { sid: 2, portal: { address: "2001:db8::1", port: 3260 } },
    ],
  },
  {
    command: "iscsiadm -m discovery",
    form: "-P1",
    printed: `Target: iqn.2026-11.lab.san:array1
	Portal: 10.0.2.2:3260,1
		Iface Name: default
	Portal: [2001:db8::1]:3260,-1
		Iface Name: default
`,
    value: [
      { target: "iqn.2026-11.lab.san:array1", portal: { address: "10.0.2.2", port: 3260 }, group: 1 },
      { target: "iqn.2026-11.lab.san:array1", portal: { address: "2001:db8::1", port: 3260 }, group: -1 },
    ],
  },
  {
    command: "iscsiadm -m discovery",
    form: "without a type",
    printed: "10.0.2.2:3260 via sendtargets\narray2.lab:3260 via sendtargets\n",
    value: [
      { target: null, portal: { address: "10.0.2.2", port: 3260 } },
      { target: null, portal: { address: "array2.lab", port: 3260 } },
    ],
  },
  {
    command: "lsscsi -s",
    form: "without -s",
    printed:
      "[0:0:0:3]    disk    DELL     MD32xx           0784  /dev/sdd \n[1:0:0:0]    cd/dvd  QEMU     QEMU DVD-ROM     2.5+  /dev/sr0 \n",
    value: [
      { vendor: "DELL", model: "MD32xx", device: "/dev/sdd", size: null },
      { type: "cd/dvd", model: "QEMU DVD-ROM", device: "/dev/sr0" },
    ],
  },
  {
    command: "lsscsi -s",
    form: "-gs",
    printed:
      "[0:0:0:3]    disk    DELL     MD32xx           0784  /dev/sdd   /dev/sg3   2.19TB\n[0:0:32:0]   enclosu DP       BACKPLANE        1.00  -          /dev/sg4        -\n",
    value: [
      { device: "/dev/sdd", size: "2.19TB", genericDevice: "/dev/sg3" },
      { device: null, size: null, genericDevice: "/dev/sg4" },
    ],
  },
  {
    command: "ls -l /dev/disk/by-id",
    form: "-la, in colour",
    printed:
      "total 0\ndrwxr-xr-x 2 root root 60 Nov 28 20:00 .\ndrwxr-xr-x 8 root root 160 Nov 28 20:00 ..\nlrwxrwxrwx 1 root root  9 Nov 28 20:00 \u001b[0m\u001b[01;36mwwn-0x6b08\u001b[0m -> \u001b[40;33;01m../../sdc\u001b[0m\nlrwxrwxrwx 1 root root 10 Nov 28 20:00 dm-name-mpatha -> ../../dm-2\n",
    value: [
      { name: "wwn-0x6b08", device: "sdc" },
      { name: "dm-name-mpatha", device: "dm-2" },
    ],
  },
  {
    command: "sanlock client status -D",
    form: "without -D",
    printed:
      "daemon 8a3c.host1\np -1 helper\np 812 lvmlockd\ns lvm_ps1:1:/dev/mapper/ps1-lvmlock:0\ns lvm_ps2:1:/dev/mapper/ps2-lvmlock:0 ADD\n",
    value: {
      ownerName: "8a3c.host1",
      renewals: null,
      leases: [{ volumeGroup: "ps1", state: null }, { state: "joining" }],
    },
  },
  {
    command: "multipath -ll",
    form: "as the daemon shows it, with CRLF",
    printed:
      "mpatha (36b083fe000daf018000015505abbe00a) dm-2 DELL,MD32xx\r\nsize=2.2T features='0' hwhandler='1 rdac' wp=rw\r\n`-+- policy='service-time 0' prio=14 status=active\r\n  |- 0:0:0:3 sdd 8:48 active ready running\r\n  `- 0:0:1:3 sdg 8:96 failed faulty running\r\n",
    value: [{ alias: "mpatha", health: "degraded", paths: [{ working: true }, { working: false }] }],
  },
];

function inAscii(text: string): string {
  return text.replaceAll("├─", "|-").replaceAll("└─", "`-").replaceAll("│ ", "| ");
}
