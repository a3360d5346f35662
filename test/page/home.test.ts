import { expect, it } from "vitest";
import type { PageHome } from "../../src/workspace/page-protocol.ts";
import { alice, bob, message, planTs, tsAt } from "./fixture-story.ts";
import { opensPages } from "./opened-page.ts";

const opened = opensPages();

const text = (words: string) => ({ type: "plain_text", text: words });
const homeOf = (person: string, address: string, title = "1 open incident"): PageHome => ({
  id: `V${person}`,
  person,
  blocks: [
    { type: "header", text: text(title) },
    {
      type: "rich_text",
      elements: [
        {
          type: "rich_text_section",
          elements: [
            { type: "text", text: "ps-1", style: { bold: true } },
            { type: "text", text: "\n" },
            { type: "text", text: "[########..]", style: { code: true } },
            { type: "text", text: ` 82 % used, 374.0 GB of 2.19 TB free ${"x".repeat(60)}` },
          ],
        },
      ],
    },
    {
      type: "actions",
      block_id: "menu",
      elements: [
        {
          ...{ type: "button", action_id: "open", text: text("Open Plan") },
          url: `${address}archives/C0OPS/p${planTs.replace(".", "")}`,
        },
        { type: "button", action_id: "run-1", text: text("What's Wrong?") },
      ],
    },
  ],
});

it("the Home tab notifies the app, shows what it published, and sends its clicks", async () => {
  const { page, workspace, actionsOf, become } = opened();
  await page.getByRole("button", { name: "Home" }).click();
  const home = page.getByRole("region", { name: "Home of zstack" });
  await home.getByText("has not published a Home yet").waitFor();
  await expect.poll(() => actionsOf("/page/open-home").map(({ body }) => body.person)).toEqual([alice.id]);
  workspace.send({ kind: "home", home: homeOf(alice.id, page.url()) });
  await home.getByText("[########..]").waitFor();
  await home.getByRole("button", { name: "What's Wrong?" }).click();
  await expect
    .poll(() => actionsOf("/page/click").at(-1)?.body)
    .toEqual({ person: alice.id, messageTs: `V${alice.id}`, blockId: "menu", actionId: "run-1" });
  workspace.send({ kind: "home", home: homeOf(alice.id, page.url(), "No open incident") });
  await home.getByText("No open incident").waitFor();
  await become("bob");
  await home.getByText("has not published a Home yet").waitFor();
  await expect.poll(() => actionsOf("/page/open-home").at(-1)?.body.person).toBe(bob.id);
});

it("messages that come while the Home is open are counted on the channel's tab", async () => {
  const { page, workspace, channel } = opened();
  const tab = page.getByRole("button", { name: /^Channel/ });
  await page.getByRole("button", { name: "Home" }).click();
  await expect.poll(() => tab.textContent()).toBe("Channel");
  workspace.post(message(tsAt(40), { text: "an answer", onlyFor: alice.id }));
  await expect.poll(() => tab.textContent()).toBe("Channel1 new");
  await tab.click();
  await channel().getByText("an answer").waitFor();
  expect(await tab.textContent()).toBe("Channel");
});

it("what is in the thread of a direct message can be opened, and nothing is sent there", async () => {
  const { page, workspace, channel } = opened();
  workspace.post(message(tsAt(40), { text: "the map is in the thread", onlyFor: alice.id }));
  workspace.post(message(tsAt(41), { text: "a picture", onlyFor: alice.id, threadTs: tsAt(40) }));
  await channel()
    .locator(`[data-ts="${tsAt(40)}"]`)
    .getByRole("button", { name: "1 reply" })
    .click();
  const thread = page.getByRole("complementary", { name: "Thread" });
  await thread.getByText("a picture").waitFor();
  expect(await thread.getByRole("combobox").or(thread.getByRole("textbox")).count()).toBe(0);
});

it("a link to a message of the channel shows that message, and the app gets the click", async () => {
  const { page, workspace, channel, actionsOf } = opened();
  await page.getByRole("button", { name: "Home" }).click();
  workspace.send({ kind: "home", home: homeOf(alice.id, page.url()) });
  await page.getByRole("link", { name: "Open Plan" }).click();
  await channel().locator(`[data-ts="${planTs}"]`).waitFor();
  expect(page.context().pages()).toHaveLength(1);
  await expect.poll(() => actionsOf("/page/click").at(-1)?.body.actionId).toBe("open");
});

it("fits a phone, without scrolling sideways", async () => {
  const { page, workspace } = opened();
  await page.setViewportSize({ width: 375, height: 812 });
  await page.getByRole("button", { name: "Home" }).click();
  workspace.send({ kind: "home", home: homeOf(alice.id, page.url()) });
  await page.getByRole("link", { name: "Open Plan" }).waitFor();
  const wide = await page.evaluate(() =>
    [...document.querySelectorAll("body *")].some((each) => each.getBoundingClientRect().right > window.innerWidth + 1),
  );
  expect(wide).toBe(false);
});
