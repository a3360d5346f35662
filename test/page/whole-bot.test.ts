import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launchChromium } from "./browser.ts";
import {
  asksForPlan,
  becomes,
  confirms,
  ending,
  form,
  messages,
  messageWith,
  opensForm,
  seesEnd,
  types,
  VERB,
  WWID,
} from "./main-job.ts";
import { RunningBot } from "./running-bot.ts";

const PATIENCE_MS = 60_000;

describe("the whole program, from npm start to the page", { timeout: 4 * PATIENCE_MS }, () => {
  let browser: Browser;
  let bot: RunningBot;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  const endings: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    bot = await RunningBot.start();
    endings.push(() => bot.discard());
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    endings.push(() => context.close());
    page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    complaints = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
    await page.goto(bot.address);
  }, 2 * PATIENCE_MS);
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  it("adds a LUN by typing and clicking, and everybody in the channel sees it", async () => {
    const plan = await asksForPlan(page);
    for (const shown of ["3 of 3 hosts, 3/3 paths", "LVM2_member zUbBDF-i1Sg", "is lost", "Undo: /zstack"]) {
      await plan.getByText(shown).first().waitFor();
    }
    await plan.getByText("Commands, files and guards").click();
    for (const shown of ["wipefs --all --", "vgcreate --shared"]) await plan.getByText(shown).first().waitFor();
    await opensForm(page, plan);
    await confirms(page, "bbe00b");
    await form(page).getByRole("alert").getByText("not the requested characters").waitFor();
    expect(await ending(page).getAttribute("aria-invalid")).toBe("true");
    await messageWith(page, "Confirm before").waitFor();

    await confirms(page, "bbe00a");
    await form(page).waitFor({ state: "detached" });
    const end = await seesEnd(page);
    // The watch posts what is broken from the start.
    const ofStorage = messages(page).filter({ hasText: "ps-1" });
    expect(await ofStorage.count()).toBe(1);
    expect(await end.getByRole("button", { name: VERB }).count()).toBe(0);
    await end.getByText("3/3").first().waitFor();
    await end.getByText("Steps, hosts and LUNs").click();
    await end.getByText("Connected · sanlock host ids 1–3").waitFor();
    await end.getByText("PV of ps-1").first().waitFor();
    await end.getByText("Confirmed by @alice").waitFor();

    await becomes(page, "bob");
    await types(page, "/zstack sharedblock show ps-1");
    const shown = messageWith(page, "Primary storage ps-1");
    await shown.getByText("Enabled").waitFor();
    await shown.getByText("Connected · sanlock host ids 1–3").waitFor();

    const before = await ofStorage.allTextContents();
    await page.reload();
    await expect.poll(() => ofStorage.allTextContents(), { timeout: PATIENCE_MS }).toEqual(before);
    expect(complaints).toEqual([]);
  });

  it("shows an incident begin when a path is broken in the panel, and end when it is restored", async () => {
    const panel = page.getByRole("complementary", { name: "Break something" });
    await messageWith(page, "3 paths of 1 LUN on 3 hosts").waitFor();
    await page.getByRole("button", { name: "Break something" }).click();
    await panel.getByText("An incident is resolved 10 s after its end.").waitFor();
    await panel.getByRole("button", { name: "Break it" }).click();
    await panel.getByText("2 of 3 paths work").waitFor();
    const incident = messageWith(page, /inc-2: Path \w+ of LUN …\w+ on sharedblock-host1/);
    await incident.getByText("Warning since").waitFor();
    await panel
      .getByRole("button", { name: /^Restore: .* on sharedblock-host1/ })
      .first()
      .click();
    await panel.getByText("3 of 3 paths work").waitFor();
    await incident.getByText(/^Resolved/).waitFor();
    expect(complaints).toEqual([]);
  });

  it("ends if it is asked to, with an open page and connected hosts", async () => {
    await types(page, "/zstack lun list cluster-1");
    await messageWith(page, WWID).waitFor();
    expect(await bot.terminate(), bot.output).toBe(0);
    await page.getByRole("status").getByText("The connection to the workspace is lost").waitFor();
  });
});
