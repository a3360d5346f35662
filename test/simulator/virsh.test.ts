import { afterEach, beforeEach, expect, it } from "vitest";
import { type SimulatedHosts, startSimulatedHosts } from "../../src/simulator/simulated-hosts.ts";
import { type Login, logIn } from "./on-host.ts";

const HOST = "sharedblock-host1";
const virsh = ["virsh", "--connect", "qemu:///system"] as const;
let san: SimulatedHosts;
let host: Login;
beforeEach(async () => {
  san = await startSimulatedHosts({ directory: null });
  host = await logIn(san, HOST);
  // The archive's volume is active there, and open.
  san.vms.start(HOST, { name: "i-2-17-VM", volumeGroup: "vg_archive", volumes: ["lv_archive"] });
});
afterEach(async () => {
  host.close();
  await san.stop();
});

const uuidOf = async () => (await host.run([...virsh, "list", "--uuid", "--name"])).stdout.split(" ")[0] ?? "";

it("lists VMs and their disks as virsh 9.0.0 does", async () => {
  const uuid = await uuidOf();
  expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  const list = await host.run([...virsh, "--readonly", "list", "--uuid", "--name"]);
  expect(list).toEqual({ stdout: `${uuid} i-2-17-VM\n\n`, stderr: "", exitCode: 0 });
  const disks = await host.run([...virsh, "--readonly", "domblklist", "--domain", uuid, "--details"]);
  // Recorded of such a VM, except the rule under the heading.
  expect(disks.stdout.replace(/-{10,}/, "----")).toBe(` Type    Device   Target   Source
----
 block   disk     vda      /dev/vg_archive/lv_archive
 file    cdrom    hdc      -

`);
});

it("powers a VM off, which closes its volumes", async () => {
  const uuid = await uuidOf();
  const open = async () => (await host.run(["dmsetup", "info", "-c", "--noheadings", "-o", "name,open"])).stdout;
  expect(await open()).toContain("vg_archive-lv_archive 2");
  expect(await host.run([...virsh, "--readonly", "destroy", "--domain", uuid])).toMatchObject({
    stderr: expect.stringContaining("read only access prevents virDomainDestroy"),
    exitCode: 1,
  });
  expect(await host.run([...virsh, "destroy", "--domain", uuid])).toEqual({
    stdout: `Domain '${uuid}' destroyed\n\n`,
    stderr: "",
    exitCode: 0,
  });
  expect(await open()).toContain("vg_archive-lv_archive 1");
  expect(await host.run([...virsh, "destroy", "--domain", uuid])).toEqual({
    stdout: "\n",
    stderr: `error: failed to get domain '${uuid}'\n`,
    exitCode: 1,
  });
});
