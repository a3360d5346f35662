import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { launchChromium } from "./browser.ts";
import { messageWith, types } from "./main-job.ts";
import { RunningBot } from "./running-bot.ts";

const PATIENCE_MS = 60_000;

let browser: Browser;
let page: Page;
let complaints: string[];
const endings: (() => Promise<unknown>)[] = [];
beforeAll(async () => {
  browser = await launchChromium();
});
afterAll(() => browser.close());
beforeEach(async () => {
  const bot = await RunningBot.start();
  endings.push(() => bot.discard());
  const context = await browser.newContext({ viewport: { width: 375, height: 740 }, hasTouch: true });
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

const form = (title: string): Locator => page.getByRole("dialog", { name: title });
/** Nothing of it is beyond the right edge. */
const fits = (what: Locator): Promise<void> =>
  expect.poll(() => what.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)).toBe(0);

it("a storage is added with the form only, on a phone's screen", { timeout: 4 * PATIENCE_MS }, async () => {
  await types(page, "/zstack sharedblock add");
  const add = form("Add Storage");
  await add.getByText("3 LUNs can be used").waitFor();
  await fits(add);

  const menu = add.getByRole("combobox", { name: "LUNs" });
  await menu.click();
  await expect.poll(() => add.getByRole("option").count()).toBe(3);
  await fits(add);
  await menu.fill("BBE00A");
  await expect.poll(() => add.getByRole("option").count()).toBe(1);
  await menu.press("ArrowDown");
  await menu.press("Enter");
  await menu.press("Escape");
  await add.getByRole("button", { name: /Remove …bbe00a/ }).waitFor();
  await add.getByLabel("Name").fill("ps-1");
  await add.getByRole("button", { name: "Show Plan" }).click();
  await add.getByRole("alert").getByText("holds orphan PV").waitFor();
  await fits(add);

  await add.getByLabel("Wipe: data on these LUNs").check();
  await add.getByRole("button", { name: "Show Plan" }).click();
  await add.waitFor({ state: "detached" });
  await messageWith(page, "Add ps-1 to cluster-1").waitFor();

  await types(page, "/zstack sharedblock extend");
  await form("Extend Storage").getByText("The inventory has no storage").waitFor();
  await page.keyboard.press("Escape");
  await form("Extend Storage").waitFor({ state: "detached" });
  expect(complaints).toEqual([]);
});
