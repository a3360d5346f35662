import { tutorialIscsi } from "../../src/simulator/san/tutorial-iscsi.ts";
import { textIn } from "./message-text.ts";
import type { Story } from "./story.ts";
import { luns as labLuns, target } from "./target.ts";

export const LIMIT_MS = 60_000;
export const [first, second] = tutorialIscsi.portals;
export const { shared, guarded, luns } = tutorialIscsi;
export const { user, secret } = tutorialIscsi.chap;

/** What is typed in the stories about iSCSI. */
export const login = `/zstack iscsi login cluster-1 portal=${first},${second} target=${shared}`;

export const loggedIn = (story: Story): Promise<void> =>
  story.beginsWith(
    "iscsi-logged-in",
    async () => {
      await story.says(login);
      await story.clicks("Confirm");
      await story.shows(`Log cluster-1 in to ${shared}: done`);
    },
    "simulated",
  );

/** The logins that came about, oldest first. */
export const logins = async (story: Story): Promise<string[]> =>
  (await story.hosts.changes()).filter((line) => line.includes("--login"));

/** A target that the host is logged in to, and its portals. */
export async function sessionsOf(story: Story, host: string): Promise<{ iqn: string; portals: string[] }> {
  if (target === "simulated") await loggedIn(story);
  await story.says(`/zstack iscsi list ${host}`);
  const list = textIn(await story.shows("iSCSI sessions", host));
  const rows = [...list.matchAll(new RegExp(`^logged in ${host} (\\S+:\\d+) (\\S+)`, "gm"))];
  const [first] = rows;
  if (first?.[2] === undefined) throw new Error(`no session of ${host} in ${list}`);
  return { iqn: first[2], portals: rows.map((row) => row[1] ?? "") };
}

/** The same, and a LUN behind it that may be mounted; the host may leave. */
export async function iscsiOf(story: Story, host: string): Promise<{ iqn: string; portals: string[]; lun: string }> {
  const lun = target === "simulated" ? luns.shared : labLuns.ofAnotherGroup;
  // The lab's guests are logged in, and can leave only when no LUN behind the target is in a volume group.
  if (target === "lab") await story.hosts.formats(lun, "free");
  return { ...(await sessionsOf(story, host)), lun };
}
