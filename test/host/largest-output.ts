/** The largest outputs that a host can have. The limits of reads must allow them. */

const wwid = (index: number): string => `36b083fe${index.toString(16).padStart(25, "0")}`;
const disk = (index: number): string => {
  let name = "";
  for (let left = index; left >= 0; left = Math.floor(left / 26) - 1)
    name = String.fromCharCode(97 + (left % 26)) + name;
  return `sd${name}`;
};
const times = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

export const multipath = (maps: number, paths: number): string =>
  `${times(maps, (map) => {
    const path = (index: number) =>
      `${index}:0:0:${map % 4096} ${disk(map * paths + index)} ${65 + (index % 60)}:${map % 256} active ready running`;
    const half = Math.floor(paths / 2);
    return [
      `mpath${map} (${wwid(map)}) dm-${map} DELL    ,MD32xx`,
      "size=2.0T features='3 queue_if_no_path pg_init_retries 50' hwhandler='1 rdac' wp=rw",
      "|-+- policy='round-robin 0' prio=14 status=active",
      times(half, (index) => `| ${index === half - 1 ? "\u0060" : "|"}- ${path(index)}`),
      "\u0060-+- policy='round-robin 0' prio=9 status=enabled",
      times(half, (index) => `  ${index === half - 1 ? "\u0060" : "|"}- ${path(half + index)}`),
    ].join("\n");
  })}\n`;

/** `spread`: with a line for each value, as util-linux prints since 2.37. */
export function lsblk(luns: number, paths: number, spread: boolean): string {
  const common = { label: null, uuid: null, mountpoint: null, ro: false, "log-sec": 512 };
  const size = 2_199_023_255_552;
  const device = (lun: number, path: number) => ({
    ...{ name: disk(lun * paths + path), kname: disk(lun * paths + path), "maj:min": `${65 + path}:${lun % 256}` },
    ...{ type: "disk", size, fstype: "mpath_member", ...common, wwn: `0x${wwid(lun).slice(1)}` },
    ...{ vendor: "DELL    ", model: "MD32xx          ", hctl: `${path}:0:0:${lun % 4096}`, tran: "iscsi" },
    children: [
      {
        ...{ name: `mpath${lun}`, kname: `dm-${lun}`, "maj:min": `253:${lun}`, type: "mpath", size },
        ...{ fstype: "LVM2_member", ...common, wwn: null, vendor: null, model: null, hctl: null, tran: null },
      },
    ],
  });
  const rows = Array.from({ length: luns * paths }, (_, index) => device(Math.floor(index / paths), index % paths));
  if (spread) return JSON.stringify({ blockdevices: rows }, null, 3);
  return `{"blockdevices": [\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]}\n`;
}

/** One LUN over some paths, with all its volumes active on the host: lsblk repeats them below each path. */
export function lsblkVolumes(volumes: number, paths: number): string {
  const common = { label: null, uuid: null, mountpoint: null, ro: false, "log-sec": 512, size: 2_199_023_255_552 };
  const none = { wwn: null, vendor: null, model: null, hctl: null, tran: null };
  const children = Array.from({ length: volumes }, (_, index) => ({
    ...{ name: `${wwid(0).slice(1)}-${wwid(index).slice(1)}`, kname: `dm-${index + 1}`, "maj:min": `253:${index + 1}` },
    ...{ type: "lvm", fstype: null, ...common, ...none },
  }));
  const map = { name: "mpatha", kname: "dm-0", "maj:min": "253:0", type: "mpath", fstype: "LVM2_member", ...common };
  const rows = Array.from({ length: paths }, (_, path) => ({
    ...{ name: disk(path), kname: disk(path), "maj:min": `8:${path}`, type: "disk", fstype: "mpath_member", ...common },
    ...{
      wwn: `0x${wwid(0).slice(1)}`,
      vendor: "DELL    ",
      model: "MD32xx          ",
      hctl: `${path}:0:0:1`,
      tran: "fc",
    },
    children: [{ ...map, ...none, children }],
  }));
  return JSON.stringify({ blockdevices: rows }, null, 3);
}

/** The same as RHEL 7 prints it. */
export function lsblkPairs(luns: number, paths: number): string {
  const pairs = (columns: Record<string, string>) =>
    Object.entries(columns)
      .map(([name, value]) => `${name}="${value}"`)
      .join(" ");
  const empty = { LABEL: "", UUID: "", MOUNTPOINT: "", RO: "0", "LOG-SEC": "512" };
  return times(luns * paths, (index) => {
    const [lun, path] = [Math.floor(index / paths), index % paths];
    const name = disk(index);
    return [
      pairs({
        ...{ NAME: name, KNAME: name, "MAJ:MIN": `${65 + path}:${lun % 256}`, TYPE: "disk", SIZE: "2199023255552" },
        ...{
          FSTYPE: "mpath_member",
          ...empty,
          WWN: `0x${wwid(lun).slice(1, 17)}`,
          VENDOR: "DELL    ",
          MODEL: "MD32xx",
        },
        ...{ HCTL: `${path}:0:0:${lun % 4096}`, TRAN: "iscsi", PKNAME: "", SERIAL: wwid(lun).slice(1) },
      }),
      pairs({
        ...{ NAME: `mpath${lun}`, KNAME: `dm-${lun}`, "MAJ:MIN": `253:${lun}`, TYPE: "mpath", SIZE: "2199023255552" },
        ...{ FSTYPE: "LVM2_member", ...empty, WWN: "", VENDOR: "", MODEL: "", HCTL: "", TRAN: "" },
        ...{ PKNAME: name, SERIAL: "" },
      }),
    ].join("\n");
  });
}

export const diskIds = (luns: number): string =>
  `total 0\n${times(luns, (lun) =>
    [
      `dm-name-mpath${lun}`,
      `dm-uuid-mpath-${wwid(lun)}`,
      `scsi-${wwid(lun)}`,
      `wwn-0x${wwid(lun).slice(1)}`,
      `lvm-pv-uuid-${lun}`,
    ]
      .map((name) => `lrwxrwxrwx. 1 root root   11 Nov 22 12:00 ${name} -> ../../dm-${lun}`)
      .join("\n"),
  )}\n`;

export const lsscsi = (disks: number): string =>
  `${times(disks, (index) => `[${index % 8}:0:0:${index}]   disk    DELL     MD32xx           0784  /dev/${disk(index)}   2.19TB`)}\n`;

export const sysBlock = (disks: number): string =>
  `total 0\n${times(disks, (index) => {
    const name = disk(index);
    const place = `${index % 8}:0:0:${index}`;
    return `lrwxrwxrwx 1 root root 0 Nov 22 12:11 ${name} -> ../devices/pci0000:00/0000:00:05.0/host6/session1/target6:0:0/${place}/block/${name}`;
  })}\n`;

const lvmReport = (list: string, rows: readonly object[]): string =>
  `  {\n      "report": [\n          {\n              "${list}": [\n${rows
    .map((row) => `                  ${JSON.stringify(row)}`)
    .join(",\n")}\n              ]\n          }\n      ]\n  }\n`;

const lvmUuid = (index: number): string => `QyJsQf-Aihq-9GnT-5Xin-RC2X-2sSS-${String(index).padStart(6, "0")}`;

export const pvs = (count: number): string =>
  lvmReport(
    "pv",
    Array.from({ length: count }, (_, index) => ({
      ...{ pv_name: `/dev/mapper/mpath${index}`, pv_uuid: lvmUuid(index), vg_name: "7c9e0c1de29b4a5f8d2b6a3f" },
      ...{ pv_size: "2199022206976", pv_free: "2199022206976", pv_attr: "a--" },
    })),
  );

export const lvs = (count: number): string =>
  lvmReport(
    "lv",
    Array.from({ length: count }, (_, index) => ({
      ...{ vg_name: "7c9e0c1de29b4a5f8d2b6a3f", lv_name: `vol-${index}`, lv_uuid: lvmUuid(index) },
      ...{ lv_size: "107374182400", lv_tags: "zs::sharedblock::volume" },
    })),
  );

export const dmsetup = (devices: number): string =>
  `${times(devices, (index) =>
    index % 2 === 0
      ? `mpath-${wwid(index)}:1:mpath${index}`
      : `LVM-QyJsQfAihq9GnT5XinRC2X2sSSDwPyFL${String(index).padStart(32, "0")}:1:7c9e-vol${index}`,
  )}\n`;

export const iscsiSessions = (targets: number, disks: number): string =>
  `iSCSI Transport Class version 2.0-870\nversion 2.1.8\n${times(targets, (target) =>
    [
      `Target: iqn.2026-11.lab.san:array${target} (non-flash)`,
      `\tCurrent Portal: 10.0.2.${target + 1}:3260,1`,
      `\tPersistent Portal: 10.0.2.${target + 1}:3260,1`,
      "\t\tIface Name: default",
      `\t\tSID: ${target + 1}`,
      "\t\tiSCSI Connection State: LOGGED IN",
      "\t\tiSCSI Session State: LOGGED_IN",
      `\t\tHost Number: ${target}\tState: running`,
      times(
        disks,
        (lun) =>
          `\t\tscsi${target} Channel 00 Id 0 Lun: ${lun}\n\t\t\tAttached scsi disk ${disk(target * disks + lun)}\t\tState: running`,
      ),
    ].join("\n"),
  )}\n`;

/** One lockspace, and a lease for each volume that is active. */
export const sanlock = (volumes: number): string =>
  [
    "daemon 8a3c4b2a-7e1d-4c5e-9f00-1d2c3b4a5f60.host1",
    "p -1 helper",
    "p 1234 lvmlockd",
    "s lvm_7c9e:1:/dev/mapper/7c9e-lvmlock:0",
    times(volumes, (index) => `r lvm_7c9e:${lvmUuid(index)}:/dev/mapper/7c9e-lvmlock:${index * 1_048_576}:3 p 1234`),
    "",
  ].join("\n");

export const lvmlockctl = (volumes: number): string =>
  [
    "VG 7c9e lock_type=sanlock QyJsQf-Aihq-9GnT-5Xin-RC2X-2sSS-DwPyFL",
    "LS sanlock lvm_7c9e",
    "LK GL un ver 0",
    "LK VG un ver 5",
    times(volumes, (index) => `LK LV ex ${lvmUuid(index)}`),
    "",
  ].join("\n");

export const uuidOf = (vm: number): string => `f1b9b5a3-c2a1-4c1d-9e0b-${vm.toString(16).padStart(12, "0")}`;

/** A VM's definition with so many disks. */
export const definition = (uuid: string, disks: number): string =>
  `<domain type='kvm' id='1'>
  <name>${uuid}</name>
  <uuid>${uuid}</uuid>
  <devices>
${times(
  disks,
  (index) => `    <disk type='block' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' io='native'/>
      <source dev='/dev/7c9e6679742540de944be07fc1f90ae7/${index.toString(16).padStart(32, "0")}' index='${index}'/>
      <backingStore type='block' index='${index + 1}'>
        <format type='qcow2'/>
        <source dev='/dev/7c9e6679742540de944be07fc1f90ae7/base${index}'/>
      </backingStore>
      <target dev='vd${index}' bus='virtio'/>
    </disk>`,
)}
  </devices>
</domain>
`;

/** What virsh answers to all that it is asked of so many VMs. */
export const definitions = (vms: number, disks: number): string =>
  `${times(vms, (vm) => {
    const xml = definition(uuidOf(vm), disks);
    return `vm ${vm} now\n${xml}\n\nvm ${vm} next\n${xml}\n`;
  })}\nvm end\n\n`;
