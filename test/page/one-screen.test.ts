import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { tutorialLuns } from "../../src/simulator/san/tutorial-san.ts";
import { launchChromium } from "./browser.ts";
import { messages, types } from "./main-job.ts";
import { RunningBot } from "./running-bot.ts";
import { visualLines } from "./visual-lines.ts";

const PATIENCE_MS = 60_000;
/** Lines of a plan for one LUN on three hosts, from the bot's name to the record. */
const MOST_LINES = 25;

describe("on a phone that is 375 pixels wide", { timeout: 2 * PATIENCE_MS }, () => {
  let browser: Browser;
  let bot: RunningBot;
  let page: Page;

  beforeAll(async () => {
    browser = await launchChromium();
    bot = await RunningBot.start();
    page = await browser.newPage({ viewport: { width: 375, height: 812 } });
    page.setDefaultTimeout(PATIENCE_MS);
    await page.goto(bot.address);
  }, 2 * PATIENCE_MS);
  afterAll(async () => {
    await browser.close();
    await bot.discard();
  });

  const plansWith = (button: string): Locator =>
    messages(page).filter({ has: page.getByRole("button", { name: button, exact: true }) });
  const planOf = async (words: string, button: string): Promise<Locator> => {
    const before = await plansWith(button).count();
    await types(page, `/zstack sharedblock add cluster-1 ${words}`);
    const plan = plansWith(button).nth(before);
    await plan.waitFor();
    return plan;
  };

  it.each([
    ["a blank LUN", `wwid=${tutorialLuns.blank} name=ps-1`, "Add Storage"],
    ["a blank LUN, with the default name", `wwid=${tutorialLuns.blank}`, "Add Storage"],
    ["a LUN with missing paths", `wwid=${tutorialLuns.failedPath}`, "Add Storage"],
    ["an orphaned volume group", `wwid=${tutorialLuns.orphan} name=ps-1 wipe=true`, "Wipe and Add"],
    ["an orphaned volume group, with the default name", `wwid=${tutorialLuns.orphan} wipe=true`, "Wipe and Add"],
  ])("the plan for %s is one screen with its buttons", async (_, words, button) => {
    const lines = await visualLines(await planOf(words, button));
    const shown = lines.join("\n");
    expect(lines.length, shown).toBeLessThanOrEqual(MOST_LINES);
    const [, wwid = ""] = words.match(/wwid=(\S+)/) ?? [];
    for (const fact of [
      wwid,
      "3 of 3 hosts",
      "Record the shared blocks · inventory",
      "Undo: /zstack sharedblock delete",
    ])
      expect(shown).toContain(fact);
    expect(shown).toMatch(/Confirm before[\s\S]+Commands, files and guards\n.*Cancel\nAsked by @alice/);
  });

  it.each([
    ["lun list cluster-1", "LUNs on 3 hosts", ["LUN", "paths", "holds"]],
    ["multipath status cluster-1", "Multipath of cluster-1", ["health", "paths", "LUN", "hosts"]],
  ])("the table of %s shows what decides without scrolling", async (words, title, columns) => {
    await types(page, `/zstack ${words}`);
    const table = messages(page).filter({ hasText: title }).last().locator("table");
    await table.waitFor();
    const edges = await table.evaluate((each) => {
      const seen = each.closest(".table-scroller")?.getBoundingClientRect().right ?? 0;
      return [...each.querySelectorAll("th")].map((head) => {
        const text = document.createRange();
        text.selectNodeContents(head);
        return { name: head.textContent, isSeen: text.getBoundingClientRect().right <= seen };
      });
    });
    expect(edges.filter(({ isSeen }) => isSeen).map(({ name }) => name)).toEqual(columns);
  });

  it("the findings of cluster check are lines, and no table is wider than the screen", async () => {
    await types(page, "/zstack cluster check cluster-1");
    const check = messages(page).filter({ hasText: "cluster-1: 2 at risk" }).last();
    await check.waitFor();
    const shown = (await visualLines(check)).join(" ");
    for (const finding of ["LUN …bbe5f2: not seen on sharedblock-host3", "LUN …bbe7c8: 2/3 paths on"])
      expect(shown).toContain(finding);
    expect(await check.locator("table").count()).toBe(0);
  });
});
