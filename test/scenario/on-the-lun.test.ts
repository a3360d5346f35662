import { afterEach, beforeEach, describe, expect } from "vitest";
import { aixTable, ntfsOnWholeDisk, unknownData } from "../../src/simulator/san/content.ts";
import { Story } from "./story.ts";
import { ending, itSimulated as it, luns, patient } from "./target.ts";
import { HOST1 } from "./two-clusters.ts";

/** Of the lab's LUNs none has such contents; what the real tools print of them are parser cases. */

const LIMIT = { timeout: patient(60_000) };
const WWID = luns.blank;
const add = (more = "") => `/zstack sharedblock add cluster-1 wwid=${WWID} name=ps-1${more}`;
const written = async (story: Story) =>
  (await story.hosts.changes()).filter((line) => /: (wipefs --all -- |vgcreate )/.test(line));
const SAMPLED = "first 4 MiB, last 1 MiB, 64 × 64 KiB between";

describe("sharedblock add: the content of a LUN is read before it is written", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it("a blank one shows what was read", LIMIT, async () => {
    await story.says(add());
    await story.shows(WWID, `Blank. Every host reads zeros (${SAMPLED}). The rest was not read.`);
  });

  it("data after the first 4 MiB needs wipe=true", LIMIT, async () => {
    story.san.array.write(WWID, unknownData(1024 ** 4));
    await story.says(`/zstack lun show cluster-1 ${WWID}`);
    await story.shows(`LUN ${WWID}`, SAMPLED, "data at byte");
    await story.says(add());
    await story.shows("Nothing was changed", "has no known signature but is not blank", `${HOST1} reads data at byte`);
    await story.says(add(" wipe=true"));
    await story.shows("data without a known signature");
    await story.confirms(ending(WWID));
    await story.shows("Add ps-1 to cluster-1: done");
  });

  it("data that is written after the plan stops it", LIMIT, async () => {
    await story.says(add());
    await story.clicks("Confirm");
    await story.hosts.fault(HOST1, { kind: "slow", ms: 500 });
    expect(await story.sends(null)).toEqual({});
    await story.begins("vgcreate ");
    story.san.array.write(WWID, unknownData(1024 ** 4));
    await story.shows("Add ps-1 to cluster-1: refused", "is no longer blank: data at byte");
    expect(await written(story)).toEqual([]);
  });

  it("a rare partition table is refused, also with wipe=true", LIMIT, async () => {
    story.san.array.write(WWID, aixTable());
    await story.says(add(" wipe=true"));
    await story.shows("Nothing was changed", `${WWID} has a partition table (aix)`);
  });

  it("the boot sector of NTFS is no partition table and needs wipe=true", LIMIT, async () => {
    story.san.array.write(WWID, ntfsOnWholeDisk());
    await story.says(add());
    await story.shows("Nothing was changed", "holds ntfs", "add wipe=true");
    await story.says(add(" wipe=true"));
    await story.confirms(ending(WWID));
    await story.shows("Add ps-1 to cluster-1: done");
  });
});
