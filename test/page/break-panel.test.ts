import { beforeEach, describe, expect, it } from "vitest";
import type { San } from "../../src/workspace/page-protocol.ts";
import { opensPages } from "./opened-page.ts";

const opened = opensPages();
const wwid = "36b083fe000daf018000015505abbe00a";
const paths = ["sdb", "sdc"].map((name) => ({ name, works: true }));
const san: San = {
  hosts: ["sharedblock-host1", "sharedblock-host2"].map((name) => ({
    name,
    isDown: false,
    hasLease: false,
    luns: [{ wwid, paths }],
  })),
  luns: [{ wwid, label: "…bbe00a, 2.0T", sizeBytes: 2 * 1024 ** 4 }],
  portals: [{ name: "0x590b11c0463f8e01", works: true, paths: 4 }],
  storages: [{ name: "ps-1", percent: 12 }],
  broken: [],
};
const brokenSan: San = {
  ...san,
  broken: [
    { text: "sharedblock-host2 is down", restore: "host-up sharedblock-host2" },
    { text: "sdc of …bbe00a on sharedblock-host1 has failed", restore: `path-restore sharedblock-host1 ${wwid} sdc` },
  ],
};

describe("the panel Break something", () => {
  const panel = () => opened().page.getByRole("complementary", { name: "Break something" });
  const open = () => opened().page.getByRole("button", { name: "Break something" }).click();
  const words = () =>
    opened()
      .actionsOf("/page/san")
      .map(({ body }) => body.words);
  beforeEach(() => {
    opened().workspace.san = san;
    opened().workspace.answer = ({ body }) => ({ text: `${body.words}: done` });
  });

  it("breaks what is chosen, and shows what came of it", async () => {
    await open();
    await panel().getByLabel("Host").selectOption("sharedblock-host2");
    await panel().getByLabel("Path").selectOption("sdc");
    await panel().getByText(`npm run san -- path-fail sharedblock-host2 ${wwid} sdc`).waitFor();
    await panel().getByRole("button", { name: "Break it" }).click();
    await panel().getByRole("status").getByText("sdc: done").waitFor();
    await panel().getByLabel("What").selectOption("A storage fills up");
    await panel().getByLabel("Percent").fill("91");
    await panel().getByLabel("Percent").press("Enter");
    await panel().getByRole("status").getByText("91: done").waitFor();
    expect(words()).toEqual([`path-fail sharedblock-host2 ${wwid} sdc`, "fill ps-1 91"]);
  });

  it("lists what is broken, as it is now, with a button that restores it", async () => {
    await open();
    await panel().getByText("A failed path is posted after 5 s.").waitFor();
    await panel().getByText("Nothing is broken.").waitFor();
    opened().workspace.san = brokenSan;
    opened().workspace.send({ kind: "san changed" });
    await panel().getByRole("button", { name: "Restore: sharedblock-host2 is down" }).click();
    await expect.poll(words).toEqual(["host-up sharedblock-host2"]);
  });

  it("says what to do if nothing can be broken so, and why the SAN refused", async () => {
    await open();
    await panel().getByLabel("What").selectOption("A host loses its lease");
    await panel().getByText("Add a storage to its cluster first.").waitFor();
    expect(await panel().getByRole("button", { name: "Break it" }).isDisabled()).toBe(true);
    opened().workspace.answer = () => {
      throw new Error("NOT_FOUND  There is no host");
    };
    await panel().getByLabel("What").selectOption("A host loses its power");
    await panel().getByRole("button", { name: "Break it" }).click();
    await panel().getByRole("status").getByText("There is no host").waitFor();
  });

  it("gives way to a thread, and to the channel when it is closed", async () => {
    await open();
    await panel().waitFor();
    await panel().getByRole("button", { name: "Close" }).click();
    await expect.poll(() => panel().count()).toBe(0);
    await opened().channel().waitFor();
  });

  it.each([1280, 375])("fits a width of %i", async (width) => {
    const { page, workspace } = opened();
    workspace.san = brokenSan;
    await page.setViewportSize({ width, height: 800 });
    await open();
    await panel().getByText("Broken now").waitFor();
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
    for (const control of await panel().locator("button, select, input").all()) {
      const box = await control.boundingBox();
      expect(box && box.x >= 0 && box.x + box.width <= width, await control.textContent().then(String)).toBe(true);
    }
    await panel().getByRole("button", { name: "Break it" }).click();
    await panel().getByRole("status").getByText("done").waitFor();
  });

  it("is not offered where the hosts are real", async () => {
    const { page, workspace } = opened();
    workspace.state = { ...workspace.state, breaksSan: false };
    await page.reload();
    await opened().channel().waitFor();
    expect(await page.getByRole("button", { name: "Break something" }).count()).toBe(0);
  });
});
