import { afterEach, beforeEach, describe } from "vitest";
import { first, loggedIn, luns, second } from "./iscsi-words.ts";
import { Story } from "./story.ts";
import { luns as fcLuns, itSimulated as it, patient } from "./target.ts";

/** In the lab, `in-use.test.ts` has two targets. Its tgt reports neither port groups nor serial numbers like these. */

const blankLun = fcLuns.blank;
const LIMIT = { timeout: patient(60_000) };
const OTHER = "iqn.2003-01.org.linux-iscsi.array3:copy";
const add = `/zstack sharedblock add cluster-1 wwid=${luns.shared} name=ps-iscsi`;

describe("sharedblock add: one WWID, joined from paths of two targets", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
    await loggedIn(story);
  });
  afterEach(() => story.ends());

  const alsoReached = async (how: { groups: readonly number[]; serial?: string }) => {
    story.san.array.offerTwice(luns.shared, OTHER, how);
    await story.says(`/zstack iscsi login cluster-1 portal=${first},${second} target=${OTHER}`);
    await story.clicks("Confirm");
    await story.shows(`Log cluster-1 in to ${OTHER}: done`);
    await story.says(add);
  };

  it("is refused if both targets number their ports alike: they are two arrays", LIMIT, async () => {
    await alsoReached({ groups: [1, 2] });
    await story.shows(
      "Nothing was changed",
      `paths of ${luns.shared} lead to 2 targets`,
      OTHER,
      "two LUNs with one WWID",
    );
    await story.says(`/zstack lun show cluster-1 ${luns.shared}`);
    await story.shows(`LUN ${luns.shared}`, "lead to 2 targets");
  });

  it("is refused if the serial numbers differ", LIMIT, async () => {
    await alsoReached({ groups: [3, 4], serial: "beaf21" });
    await story.shows("Nothing was changed", `paths of ${luns.shared} have different serial numbers`, "beaf21");
  });

  it(
    "is refused if one session shows the WWID with two numbers, also with equal serial number and size",
    LIMIT,
    async () => {
      story.san.array.offerClone(luns.shared, "sharedblock-host2");
      await story.says(add);
      await story.shows(
        "Nothing was changed",
        new RegExp(`sharedblock-host2 has ${luns.shared} behind one target port as \\d+:0:0:1 and \\d+:0:0:\\d+`),
        "two LUNs with one WWID",
      );
    },
  );

  it("is accepted if each target is another port of one array", LIMIT, async () => {
    await alsoReached({ groups: [3, 4] });
    await story.shows("Add ps-iscsi to cluster-1", "mpath", "4/4");
  });
});

describe("sharedblock add: one WWID, two LUNs of one array over Fibre Channel", () => {
  let story: Story;
  beforeEach(async () => {
    story = await Story.begin();
  });
  afterEach(() => story.ends());

  it("is refused, and both addresses are named", LIMIT, async () => {
    const [, other] = story.san.hosts;
    const first = /(\d+:\d+:\d+):\d+/;
    story.san.array.offerClone(blankLun, other?.name ?? "");
    await story.says(`/zstack lun show cluster-1 ${blankLun}`);
    await story.shows(`LUN ${blankLun}`, "behind one target port as");
    await story.says(`/zstack sharedblock add cluster-1 wwid=${blankLun} name=ps-1`);
    await story.shows(
      "Nothing was changed",
      new RegExp(`${other?.name} has ${blankLun} behind one target port as ${first.source} and \\1:\\d+`),
    );
  });
});
