import type { HostCommand } from "../../src/core/host-command.ts";
import type { Story } from "./story.ts";
import { patient } from "./target.ts";

type Argv = HostCommand<unknown>["argv"];

/** What a person does and reads on a host without the bot. The test fails if the program fails. */
export async function byHand(story: Story, host: string, argv: Argv, stdin?: string): Promise<string> {
  const registered = story.bot.world.inventory.current().hosts.find((each) => each.name === host);
  if (!registered) throw new Error(`${host} is not registered`);
  await story.isMeddledWith();
  const command: HostCommand<string, "change"> = {
    effect: "change",
    argv,
    ...(stdin === undefined ? {} : { stdin }),
    timeoutMs: patient(60_000),
    exitCodes: [0],
    parse: ({ stdout }) => stdout,
  };
  const outcome = await story.bot.world.hosts.run(registered, command);
  if (outcome.kind !== "done") throw new Error(`${argv.join(" ")} on ${host}: ${JSON.stringify(outcome)}`);
  return outcome.value;
}

/** A LUN's map on a host: its name, and the kernel names of its paths (`sdb`). */
export async function mapOf(story: Story, host: string, wwid: string): Promise<{ name: string; disks: string[] }> {
  const maps = (await byHand(story, host, ["multipath", "-ll"])).split(/^(?=\S.* dm-\d+ )/m);
  const map = maps.find((each) => each.split("\n")[0]?.includes(wwid));
  if (map === undefined) throw new Error(`${host} has no map of ${wwid}`);
  const disks = Array.from(map.matchAll(/ \d+:\d+:\d+:\d+ +(sd[a-z]+) /g), ([, disk = ""]) => disk);
  return { name: map.split(" ")[0] ?? "", disks };
}

/** The host gets another distribution. The names of its programs and packages follow the file. */
export const becomesRocky = (story: Story, host: string): Promise<string> =>
  byHand(
    story,
    host,
    ["tee", "--", "/etc/os-release"],
    'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"\nPRETTY_NAME="Rocky Linux 9.3 (Blue Onyx)"\n',
  );

/** An RPM distribution with a name and without ID_LIKE. Its packages have their own names. */
export const becomesOpenEuler = (story: Story, host: string): Promise<string> =>
  byHand(
    story,
    host,
    ["tee", "--", "/etc/os-release"],
    'NAME="openEuler"\nVERSION="22.03 (LTS-SP3)"\nID="openEuler"\nVERSION_ID="22.03"\nPRETTY_NAME="openEuler 22.03 (LTS-SP3)"\n',
  );

/** LVM 2.02, which has another name for the unit of its lock daemon, multipath 0.4.9 and yum. */
export const becomesCentos7 = (story: Story, host: string): Promise<string> =>
  byHand(
    story,
    host,
    ["tee", "--", "/etc/os-release"],
    'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7 (Core)"\n',
  );

/** A host that is not prepared: it has no name, and lacks the packages of the locks. */
export async function becomesFresh(story: Story, host: string): Promise<void> {
  await byHand(story, host, ["hostnamectl", "set-hostname", "localhost"]);
  await losesLockPackages(story, host);
}

export const losesLockPackages = (story: Story, host: string): Promise<string> =>
  byHand(story, host, ["apt-get", "--yes", "remove", "sanlock", "lvm2-lockd"]);

/** lvmlockd dies and is started again. Its leases stay with sanlock. */
export async function lvmlockdDies(story: Story, host: string): Promise<void> {
  await byHand(story, host, ["systemctl", "kill", "--signal=KILL", "lvmlockd.service"]);
  await byHand(story, host, ["systemctl", "start", "lvmlockd.service"]);
}
