import { mkdir } from "node:fs/promises";
import type { Browser, Locator, Page } from "playwright-core";
import { setup as build } from "../programs.ts";
import { launchChromium } from "./browser.ts";
import { asksForPlan, becomes, confirms, form, messageWith, opensForm, seesEnd, types, VERB } from "./main-job.ts";
import { RunningBot } from "./running-bot.ts";

/**
 * `npm run screenshots` takes the README's pictures of the running bot, on simulated hosts: `docs/plan.png` on a wide
 * screen, the others on a phone that is 375 pixels wide.
 */

const WIDE = { width: 1100, scale: 0.8 };
const PHONE = { width: 375, scale: 1.5 };
/** A longer message is cut at the bottom. */
const MOST_HEIGHT = 1900;

interface Screen {
  readonly width: number;
  readonly scale: number;
}

async function opened(browser: Browser, address: string, { width, scale }: Screen): Promise<Page> {
  const page = await browser.newPage({
    viewport: { width, height: 812 },
    deviceScaleFactor: scale,
    locale: "en-GB",
  });
  await page.goto(address);
  return page;
}

async function takes(page: Page, path: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
}

/** The page with one message from its beginning, in a window as high as the message needs. */
async function takesMessage(page: Page, message: Locator, path: string, { width }: Screen): Promise<void> {
  const needed = await message.evaluate((article) => {
    const scroller = article.closest(".scroller");
    return article.scrollHeight + (scroller === null ? 0 : window.innerHeight - scroller.clientHeight);
  });
  await page.setViewportSize({ width, height: Math.min(Math.ceil(needed) + 20, MOST_HEIGHT) });
  await message.evaluate((article) => article.scrollIntoView({ block: "start" }));
  await takes(page, path);
}

async function onWideScreen(browser: Browser): Promise<void> {
  const bot = await RunningBot.start();
  try {
    const page = await opened(browser, bot.address, WIDE);
    await takesMessage(page, await asksForPlan(page), "docs/plan.png", WIDE);
  } finally {
    await bot.discard();
  }
}

/** A storage with the form only, then a cluster with a degraded path. */
async function onPhone(browser: Browser): Promise<void> {
  const bot = await RunningBot.start();
  try {
    const page = await opened(browser, bot.address, PHONE);
    await types(page, "/zstack");
    const menu = messageWith(page, "What do you want to do?");
    await menu.getByRole("button", { name: "Add Storage…" }).click();
    const add = form(page);
    await add.getByText("LUNs can be used").waitFor();
    const luns = add.getByRole("combobox", { name: "LUNs" });
    await luns.fill("bbe00a");
    await add.getByRole("option").first().click();
    await luns.press("Escape");
    await add.getByLabel("Name").fill("ps-1");
    await add.getByLabel("Wipe: data on these LUNs").check();
    await add.evaluate((dialog) => dialog.scrollTo(0, 0));
    await takes(page, "docs/form.png");
    await add.getByRole("button", { name: "Show Plan" }).click();
    const plan = messageWith(page, "Add ps-1 to cluster-1");
    await plan.getByRole("button", { name: VERB }).waitFor();
    await takesMessage(page, plan, "docs/plan-phone.png", PHONE);
    await becomes(page, "bob");
    await opensForm(page, plan);
    await confirms(page, "bbe00a");
    await takesMessage(page, await seesEnd(page), "docs/done-phone.png", PHONE);
    await types(page, "/zstack cluster check cluster-1");
    const check = messageWith(page, "cluster-1: ");
    await check.getByText("paths").first().waitFor();
    await takesMessage(page, check, "docs/check-phone.png", PHONE);
  } finally {
    await bot.discard();
  }
}

await mkdir("docs", { recursive: true });
await build();
const browser = await launchChromium();
try {
  await onWideScreen(browser);
  await onPhone(browser);
} finally {
  await browser.close();
}
