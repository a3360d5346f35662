import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { HostCommand } from "../../../src/core/host-command.ts";
import { CLASSES } from "../../../src/host/root-helper/classes.ts";
import { rootHelper } from "../../../src/host/root-helper/program.ts";
import { listIn } from "../../../src/simulator/san/root-helper.ts";
import { tutorialSan } from "../../../src/simulator/san/tutorial-san.ts";
import { read } from "../../ssh/commands.ts";
import { everyBuilt } from "./built.ts";
import { HelperProcess } from "./helper-process.ts";

const LUN = "/dev/disk/by-id/dm-uuid-mpath-36b083fe000daf018000015505abbe00a";
const BACKUP = "/var/lib/zstack-chatops/backup/36b083fe000daf018000015505abbe00a-20261130100000";
const STORAGE = "0123456789abcdef0123456789abcdef";

/** `timeout` of the test shows what the root helper runs. */
const SHOWS = "shift 2; printf '%s\\0' \"$@\"";
const files = {
  "/etc/hosts": "127.0.0.1 localhost\n",
  "/etc/multipath.conf": 'defaults {\n\tpolling_interval 5\n}\n# multipath_dir "/lib/multipath"\n',
};

describe("the list of the root helper", () => {
  it("is in deploy/, as the code makes it", () => {
    const path = join(import.meta.dirname, "../../../deploy/zstack-chatops-run");
    // `npm run helper` writes it.
    expect(readFileSync(path, "utf8")).toBe(rootHelper().text);
  });

  it("has every class that it names, and names every class", () => {
    const lines = rootHelper().text.split("\n__DATA__\n")[1]?.split("\n") ?? [];
    const named = lines.filter((line) => !line.startsWith("class ")).flatMap((line) => line.match(/<[a-z-]+>/g) ?? []);
    expect([...new Set(named)].sort()).toEqual(
      Object.keys(CLASSES)
        .map((name) => `<${name}>`)
        .sort(),
    );
  });

  it("has no class that matches the byte 0", () => {
    // A word ends at it, so two words would match the class of one.
    const others = Object.values(CLASSES).flatMap((regex) => regex.match(/\[\^(?!\\x00).*?\]|\\[SDW]/g) ?? []);
    expect(others).toEqual([]);
  });

  it("allows every command that the bot builds, word for word", async () => {
    const helper = new HelperProcess({ timeout: SHOWS }, files);
    const built = [...(await everyBuilt()).values()];
    expect(built.length).toBeGreaterThan(180);
    const silent = built.filter(({ stdin }) => stdin === undefined);
    const outputs = helper.outputs(silent.map(({ argv }) => read([...argv])));
    const wrong = silent.flatMap(({ argv }, index) =>
      outputs[index]?.stdout === argv.map((word) => `${word}\0`).join("") ? [] : [[argv.join(" "), outputs[index]]],
    );
    expect(wrong).toEqual([]);
    for (const { argv, stdin } of built.filter((each) => each.stdin !== undefined)) {
      const [output] = helper.outputs([{ ...read([...argv]), stdin: stdin ?? "" }]);
      if (argv[0] === "tee" && argv[2]?.endsWith(".zstack-chatops")) continue;
      expect(output, argv.join(" ")).toMatchObject({ exitCode: 0, stdout: argv.map((word) => `${word}\0`).join("") });
    }
  });

  it("has a form for each function of src/host that makes a change", () => {
    const folder = join(import.meta.dirname, "../../../src/host");
    const forms = readFileSync(join(folder, "root-helper/forms.ts"), "utf8");
    const makers = readdirSync(folder)
      .filter((name) => name.endsWith(".ts"))
      .flatMap((name) => {
        const text = readFileSync(join(folder, name), "utf8");
        return [
          ...text.matchAll(/^export const (\w+) = (?:[^=;]*=>\s*(?:\(\{\s*\.\.\.)?)?(?:change|destruction)\(/gm),
          ...text.matchAll(/^export const (\w+) = [^;]*?: HostCommand<null, "change">/gm),
        ].map(([, maker]) => maker);
      });
    expect(makers.length).toBeGreaterThan(35);
    expect(makers.filter((name) => !new RegExp(`\\b${name}\\b`).test(forms))).toEqual([]);
  });
});

/** What the bot never builds: each is like something that it does build. */
const ATTACKS: readonly (readonly string[])[] = [
  ["sh", "-c", "id"],
  ["bash"],
  ["env", "wipefs", "--all", "--", LUN],
  ["env", "HOME=/tmp", "wipefs", "--all", "--no-act", "--backup", "--", LUN],
  ["env", `HOME=${BACKUP}`, "LD_PRELOAD=/tmp/x.so", "wipefs", "--all", "--no-act", "--backup", "--", LUN],
  ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes", "install", "nmap"],
  ["/usr/bin/wipefs", "--all", "--", LUN],
  ["../bin/wipefs", "--all", "--", LUN],
  ["wipefs"],
  ["wipefs", "--all", "--force", "--", LUN],
  ["wipefs", "--all", "--", LUN, "/dev/sda"],
  ["wipefs", "--all", "--", "/dev/sda"],
  ["wipefs", "--all", "--", "/dev/disk/by-id/dm-uuid-mpath-../../sda"],
  ["wipefs", "--all", "--", `${LUN}\n`],
  ["wipefs", "--all", "--", `${LUN}\n--force`],
  ["wipefs", "--all", "--", `${LUN} --force`],
  ["wipefs", "--all", `--\n`, LUN],
  ["wipefs", "--json", "--output", "DEVICE", "--", LUN],
  [
    "dd",
    `if=${BACKUP}/../../../etc/shadow`,
    `of=${LUN}`,
    "bs=1M",
    "oflag=seek_bytes",
    "seek=0",
    "conv=nocreat,notrunc,fsync",
    "status=none",
  ],
  [
    "dd",
    `if=${BACKUP}/beginning.bin`,
    "of=/etc/shadow",
    "bs=1M",
    "oflag=seek_bytes",
    "seek=0",
    "conv=nocreat,notrunc,fsync",
    "status=none",
  ],
  ["dd", `if=${LUN}`, "of=/etc/cron.d/x", "bs=1M", "count=2", "conv=fsync", "status=none"],
  ["dd", "if=/etc/shadow", `of=${BACKUP}/beginning.bin`, "bs=1M", "count=2", "conv=fsync", "status=none"],
  ["cat", "--", "/etc/shadow"],
  ["cat", "--", "/etc/hosts", "/etc/shadow"],
  ["cat", "--", "/etc/../etc/shadow"],
  ["cp", "--dereference", "--preserve=all", "--no-target-directory", "--", "/etc/shadow", "/etc/hosts.zstack-chatops"],
  ["cp", "--dereference", "--preserve=all", "--no-target-directory", "--", "/etc/hosts", "/etc/sudoers"],
  ["mv", "--force", "--no-target-directory", "--", "/etc/hosts.zstack-chatops", "/etc/multipath.conf"],
  ["mkdir", "-p", "-m", "4777", "--", "/etc/lvm"],
  ["mkdir", "-p", "-m", "0755", "--", "/etc/../root/.ssh"],
  ["chmod", "4755", "--", "/bin/sh"],
  ["chmod", "0755", "--", "/usr/local/sbin/zstack-chatops-run"],
  ["mv", "--force", "--no-target-directory", "--", "/tmp/x", "/usr/local/sbin/zstack-chatops-run"],
  ["find", "/dev/sda", "-maxdepth", "0", "-exec", "sh", "-c", "id", ";"],
  ["find", "/etc", "-maxdepth", "0"],
  ["find", "/dev/sda", "-maxdepth", "0", "-delete"],
  ["sleep", "1d"],
  ["multipath", "-f", "-F"],
  ["multipath", "-F"],
  ["multipath", "-C", "mpatha"],
  ["multipathd", "resize", "map", "mpatha; shutdown"],
  ["modprobe", "--all", "--", "pcspkr"],
  ["modprobe", "--all", "--", "/tmp/evil.ko"],
  ["systemctl", "enable", "--now", "--", "evil.service"],
  ["systemctl", "enable", "--now", "--", "/tmp/sanlock.service"],
  ["systemctl", "stop", "--", "sanlock.service"],
  ["hostnamectl", "set-hostname", "--root=/tmp"],
  ["hostnamectl", "set-hostname", "a;b"],
  ["dnf", "--assumeyes", "install", "/tmp/evil.rpm"],
  ["dnf", "--assumeyes", "install", "nmap"],
  ["yum", "--assumeyes", "remove", "lvm2"],
  ["sanlock", "client", "rem_lockspace", "-s", `lvm_${STORAGE}:1:/dev/mapper/x:0:5`],
  ["sanlock", "client", "command", "-r", `lvm_${STORAGE}:a:/dev/mapper/x:1:y:1:1`, "-O", "1", "-c", "/bin/true"],
  ["sanlock", "client", "command", "-r", `lvm_${STORAGE}:a:/dev/mapper/x-lvmlock:1:1`, "-O", "1", "-c", "/bin/sh"],
  ["virsh", "--connect", "qemu:///system", "dumpxml", "x"],
  ["virsh", "--connect", "qemu+ext:///system?command=/tmp/x", "--readonly", "list", "--uuid", "--name"],
  ["virsh", "--connect", "qemu:///system", "--readonly", "echo vm 0 now; cd /; echo vm end"],
  ["virsh", "--connect", "qemu:///system", "destroy", "--domain", "--graceful"],
  ["iscsiadm", "--mode=node", "--targetname=iqn.2026-11.x:y", "--portal=192.0.2.1:3260", "--op=update", "--name=x"],
  ["pvremove", "--config", 'global/use_lvmlockd=0 global/thin_check_executable="/tmp/x"', "--", LUN],
  ["vgs", "--config", 'devices/scan="/tmp"'],
  ["vgremove", "--", "../x"],
  ["vgremove", "--force", "--", STORAGE],
  ["vgremove", "--", "centos"],
  ["lvremove", "--", `${STORAGE}/../x`],
  ["lvremove", "--", STORAGE],
  ["sed", "--in-place", "--file=-", "--", "/etc/sudoers"],
  ["sed", "--in-place", "--file=-", "--", "/etc/iscsi/nodes/iqn.2026-11.x:y/../../../sudoers"],
  ["", "wipefs"],
  ["run"],
];

describe("the root helper refuses", () => {
  const helper = new HelperProcess({ timeout: "echo ran" }, files);
  const model = listIn(rootHelper().text);
  const host = tutorialSan().hosts[0];

  it.each(ATTACKS.map((argv) => [argv.join(" "), argv] as const))("%j", (_line, argv) => {
    const [program = "", ...args] = argv;
    const [output] = helper.outputs([read([program, ...args])]);
    expect(output).toMatchObject({ exitCode: 126, stdout: "" });
    expect(output?.stderr).toContain("zstack-chatops-run: not in its list: ");
    if (host !== undefined) expect(model.allows(host, argv, "")).toBe(false);
  });

  it("one more word, one word less, or another order of each command that the bot builds", async () => {
    const built = [...(await everyBuilt()).values()].filter(({ argv }) => argv.length > 1);
    const same = new Set(built.map(({ argv }) => argv.join("\0")));
    const changed = built
      .flatMap(({ argv: [program, ...args] }) => [
        [program, ...args, "--force"],
        [program, "--force", ...args],
        [program, ...args, "/etc/shadow\n"],
        [program, ...args.map((word, index) => (index === args.length - 1 ? `${word}\n` : word))],
        [program, ...args.slice(0, -1)],
      ])
      .filter((argv) => !same.has(argv.join("\0")) && !isShorterForm(argv) && !takesAnyPath(argv));
    const outputs = helper.outputs(changed.map(([program = "", ...args]) => read([program, ...args])));
    const ran = changed.filter((_, index) => outputs[index]?.exitCode !== 126);
    expect(ran.map((argv) => argv.join(" "))).toEqual([]);
  });
});

/** A shorter list of services, packages, LUNs or places is a list, too. Without a portal, iscsiadm lists records. */
function isShorterForm(argv: readonly string[]): boolean {
  const repeats = [
    "systemctl",
    "dpkg-query",
    "rpm",
    "env",
    "dnf",
    "yum",
    "modprobe",
    "udevadm",
    "tee",
    "pvchange",
    "lvchange",
    "vgcreate",
    "iscsiadm",
  ];
  return repeats.includes(argv[0] ?? "") && !argv.some((word) => /\n|--force$|shadow/.test(word));
}

/** `stat` shows what any path is. */
const takesAnyPath = (argv: readonly string[]): boolean => argv[0] === "stat" && argv[4] === "--";

describe("the standard input of the root helper", () => {
  const write = (path: string, stdin: string): HostCommand<unknown> => ({
    ...read(["tee", "--", `${path}.zstack-chatops`]),
    stdin,
  });
  const settings = {
    ...files,
    "/etc/lvm/lvmlocal.conf":
      'local {\n\t# host_id = 0\n}\nglobal {\n\t# thin_check_executable = "/usr/sbin/thin_check"\n}\n',
  };
  const helper = new HelperProcess({ timeout: "cat" }, settings);

  it.each([
    [
      "/etc/hosts",
      "127.0.0.1 localhost\n# BEGIN hosts of this cluster, kept by zstack-chatops\n172.20.11.107\thost1\n# END hosts of this cluster\n",
    ],
    ["/etc/multipath.conf", "defaults {\n\tpolling_interval 5\n\tfind_multipaths yes\n\tuser_friendly_names no\n}\n"],
    [
      "/etc/lvm/lvmlocal.conf",
      'local {\n\thost_id = 3\n}\nglobal {\n\t# thin_check_executable = "/usr/sbin/thin_check"\n\tuse_lvmlockd = 1\n}\ndevices {\n\tissue_discards = 0\n}\n',
    ],
    ["/etc/sanlock/sanlock.conf", "use_watchdog = 0\n"],
    ["/etc/modules-load.d/zstack-chatops.conf", "dm-multipath\ndm-round-robin\n"],
  ])("may change the bot's settings of %s", (path, text) => {
    expect(helper.outputs([write(path, text)])).toEqual([{ stdout: text, stderr: "", exitCode: 0 }]);
  });

  it("may keep lines of the file of any length, and change the settings in front of a comment", () => {
    const now = `global { use_lvmlockd=0 } # rack 4\n# ${"a".repeat(2_000)}  "b' \\ \r c\n`;
    const long = new HelperProcess({ timeout: "cat" }, { ...settings, "/etc/lvm/lvmlocal.conf": now });
    const next = now.replace("use_lvmlockd=0", "use_lvmlockd = 1");
    expect(long.outputs([write("/etc/lvm/lvmlocal.conf", next)])).toMatchObject([{ exitCode: 0, stdout: next }]);
  });

  it.each([
    ['vendor "NETAPP"', 'product "LUN"'],
    ['vendor "(COMPAQ|HP)"', 'product "(P2000 G3 FC|P2000G3 FC/iSCSI|P2000 G3 SAS|P2000 G3 iSCSI)"'],
    ['vendor "IBM"', 'product "^2107900|^S/390 DASD [A-Z]*.?$"'],
  ])("may name maps of a make: %s", (vendor, product) => {
    const text = `devices {\n\tdevice {\n\t\t${vendor}\n\t\t${product}\n\t\tuser_friendly_names no\n\t}\n}\n`;
    expect(helper.outputs([write("/etc/multipath.conf", text)])).toMatchObject([{ exitCode: 0, stdout: text }]);
  });

  it.each([
    ["/etc/hosts", "127.0.0.1 localhost; id\n"],
    ["/etc/multipath.conf", 'defaults {\n\tmultipath_dir "/tmp"\n}\n'],
    ["/etc/multipath.conf", 'defaults {\n\tfind_multipaths yes multipath_dir "/tmp"\n}\n'],
    ["/etc/lvm/lvmlocal.conf", 'global {\n\tthin_check_executable = "/tmp/x"\n}\n'],
    ["/etc/lvm/lvmlocal.conf", 'global {\n\tthin_check_executable = "/usr/sbin/thin_check"\n}\n'],
    ["/etc/lvm/lvmlocal.conf", 'local {\n\thost_id = 3 } global { thin_check_executable = "/tmp/x"\n}\n'],
    // LVM reads `\\"` in a string as a quote, and '…' as a string. So it sees another setting, then a comment.
    ["/etc/lvm/lvmlocal.conf", `global/host_id="a\\" use_lvmlockd=" global/thin_check_executable='/tmp/evil' #"\n`],
    ["/etc/lvm/lvmlocal.conf", `local/host_id=' use_lvmlockd="' global/thin_check_executable='/tmp/evil' #"\n`],
    ["/etc/lvm/lvmlocal.conf", 'host_id="a\n global/thin_check_executable="/tmp/evil" #"\n'],
    ["/etc/lvm/lvmlocal.conf", 'host_id="a\0"\n'],
    // LVM reads a number, then a name.
    ["/etc/lvm/lvmlocal.conf", "host_id=3global/thin_check_executable\n"],
    ["/etc/lvm/lvmlocal.conf", '# thin_check_executable = "host_id=3/usr/sbin/thin_check"\n'],
    // multipath ends a line at a carriage return, and after its longest line.
    ["/etc/multipath.conf", 'defaults {\n\tfind_multipaths "\rmultipath_dir /tmp\r"\n}\n'],
    ["/etc/multipath.conf", `defaults {\n\tfind_multipaths "${"a".repeat(1_003)} multipath_dir /tmp "\n}\n`],
    ["/etc/multipath.conf", 'devices {\n\tdevice {\n\t\tvendor "\rmultipath_dir /tmp\r"\n\t}\n}\n'],
    ["/etc/multipath.conf", `devices {\n\tdevice {\n\t\tproduct "${"a".repeat(101)}"\n\t}\n}\n`],
    ["/etc/multipath.conf", 'devices {\n\tdevice {\n\t\tproduct "a\\"\n\t}\n}\n'],
    ["/etc/multipath.conf", `#${" ".repeat(1_022)}multipath_dir "/lib/multipath"\n`],
    ["/etc/multipath.conf", `${" ".repeat(1_022)}# multipath_dir "/lib/multipath"\n`],
    ["/etc/multipath.conf", `${"find_multipaths yes ".repeat(51)}# multipath_dir "/lib/multipath"\n`],
    ["/etc/sanlock/sanlock.conf", "use_watchdog = 0\nuid_sh = 1\n"],
    ["/etc/modules-load.d/zstack-chatops.conf", "evil\n"],
    ["/etc/sudoers.d/x", "ALL ALL=(ALL) NOPASSWD: ALL\n"],
  ])("may change nothing else of %s: %j", (path, text) => {
    expect(helper.outputs([write(path, text)])).toMatchObject([{ stdout: "", exitCode: 126 }]);
  });

  const chap = (user: string, secret: string) =>
    `$a\\\nnode.session.auth.authmethod = CHAP\\\nnode.session.auth.username = ${user}\\\nnode.session.auth.password = ${secret}\n/^node\\.session\\.auth\\.\\(authmethod\\|username\\|password\\) *=/d\n`;
  const sed = (stdin: string): HostCommand<unknown> => ({
    ...read([
      "sed",
      "--in-place",
      "--file=-",
      "--",
      "/etc/iscsi/nodes/iqn.2026-11.lab.san:array1/10.0.2.2,3260,1/default",
    ]),
    stdin,
  });

  it("is for sed the lines of a login, with any secret", () => {
    for (const secret of ["s3cret", "a\\\\b $x `id` 'ü'", "\\\\"]) {
      expect(helper.outputs([sed(chap("zstack", secret))])).toMatchObject([
        { exitCode: 0, stdout: chap("zstack", secret) },
      ]);
    }
  });

  it.each([
    chap("zstack", "a\n1e id"),
    chap("zstack", "a\\"),
    `${chap("zstack", "a")}e id\n`,
    "e id\n",
    "w /etc/sudoers\n",
    "",
  ])("is for sed no other script: %j", (script) => {
    expect(helper.outputs([sed(script)])).toMatchObject([{ exitCode: 126 }]);
  });
});
