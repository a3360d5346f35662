import { mkdir } from "node:fs/promises";
import type { Locator, Page } from "playwright-core";
import { setup as build } from "../programs.ts";
import { launchChromium } from "./browser.ts";
import { asksForPlan, becomes, confirms, opensForm, seesEnd } from "./main-job.ts";
import { RunningBot } from "./running-bot.ts";

/** `npm run screenshots` takes the README's pictures of the running bot: `docs/plan.png` and `docs/done.png`. */

const WIDTH = 1460;
/** A plan in full size would be a file of more than 300 kB. */
const SCALE = 0.8;
/** What is longer is cut off below. */
const MOST_HEIGHT = 1900;

/** The page with one message from its beginning, on a window that is as high as the message needs. */
async function take(page: Page, message: Locator, path: string): Promise<void> {
  const needed = await message.evaluate((article) => {
    const scroller = article.closest(".scroller");
    return article.scrollHeight + (scroller === null ? 0 : window.innerHeight - scroller.clientHeight);
  });
  await page.setViewportSize({ width: WIDTH, height: Math.min(Math.ceil(needed) + 20, MOST_HEIGHT) });
  await page.mouse.move(0, 0);
  await message.evaluate((article) => article.scrollIntoView({ block: "start" }));
  await page.screenshot({ path });
  process.stdout.write(`${path}\n`);
}

async function main(): Promise<void> {
  await mkdir("docs", { recursive: true });
  await build();
  const bot = await RunningBot.start();
  const browser = await launchChromium();
  try {
    const page = await browser.newPage({
      viewport: { width: WIDTH, height: 900 },
      deviceScaleFactor: SCALE,
      locale: "en-GB",
    });
    await page.goto(bot.address);
    const plan = await asksForPlan(page);
    await take(page, plan, "docs/plan.png");
    await becomes(page, "bob");
    await opensForm(page, plan);
    await confirms(page, "bbe00a");
    await take(page, await seesEnd(page), "docs/done.png");
  } finally {
    await browser.close();
    await bot.discard();
  }
}

await main();
