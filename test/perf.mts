import { fork } from "node:child_process";
import { NodeSSH } from "node-ssh";
import { largeSan } from "../src/local/san/large-san.ts";
import { startSimulatedHosts } from "../src/local/simulated-hosts.ts";
import { wireLine } from "../src/ssh/wire.ts";
const H = 100;
if (process.argv[2] === "child") {
  process.on("message", async ({ hosts, privateKey }: any) => {
    const argvs = ["multipath -ll", "lsscsi -s", "ls -l /dev/disk/by-id", "lsblk -J -b -o NAME,KNAME,MAJ:MIN,TYPE,SIZE,FSTYPE,LABEL,UUID,MOUNTPOINT,RO,LOG-SEC,WWN,VENDOR,MODEL,HCTL,TRAN", "vgs --readonly --shared --reportformat json --units b --nosuffix -o vg_name", "pvs --readonly --reportformat json -o pv_name"];
    const cmds = argvs.map((line) => ({ argv: line.split(" "), timeoutMs: 5000 }) as any);
    let t = performance.now();
    const ssh = await Promise.all(hosts.map(async (host: any) => { const s = new NodeSSH(); await s.connect({ host: host.address, port: host.port, username: host.user, privateKey }); return s; }));
    process.send!({ what: "connected", ms: performance.now() - t });
    for (let i = 0; i < 5; i++) {
      t = performance.now();
      const outs = await Promise.all(ssh.map((s: any) => s.execCommand(wireLine(cmds, "root", "MARK"), { noTrim: true })));
      process.send!({ what: "gathered", ms: performance.now() - t, bytes: outs[0].stdout.length });
    }
    process.send!({ what: "end" });
    for (const s of ssh) s.dispose();
  });
} else {
  const t0 = performance.now();
  const san = await startSimulatedHosts({ directory: null, seed: largeSan(H, 10) });
  console.log("start", performance.now() - t0);
  const child = fork(process.argv[1]!, ["child"], { execArgv: process.execArgv });
  let cpu = process.cpuUsage();
  child.on("message", (m: any) => {
    const d = process.cpuUsage(cpu); cpu = process.cpuUsage();
    console.log(m, "simulator cpu per host ms", (d.user + d.system) / 1000 / H);
    if (m.what === "end") { child.kill(); void san.stop(); }
  });
  child.send({ hosts: san.hosts, privateKey: san.privateKey });
}
