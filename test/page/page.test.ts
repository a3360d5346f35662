import { describe, expect, it } from "vitest";
import { message, progress, tsAt } from "./fixture-story.ts";
import { opensPages } from "./opened-page.ts";

const opened = opensPages();

describe("messages", () => {
  it("shows an ephemeral message to its person only", async () => {
    const { workspace, channel, become } = opened();
    const ephemeral = channel().getByRole("article").filter({ hasText: "There is no cluster" });
    expect(await ephemeral.getByText("Only visible to you").count()).toBe(1);
    await become("bob");
    await expect.poll(() => ephemeral.count()).toBe(0);
    workspace.post(message(tsAt(31), { text: "a word to bob", onlyFor: "U0BOB" }));
    await channel().getByText("a word to bob").waitFor();
    await become("alice");
    await expect.poll(() => channel().getByText("a word to bob").count()).toBe(0);
  });

  it("shows an error of Slack to its person only", async () => {
    const { page, workspace, channel, become } = opened();
    workspace.send({ kind: "trouble", person: "U0BOB", text: '/zstack failed with the error "operation_timeout"' });
    workspace.post(message(tsAt(32), { text: "after the trouble" }));
    await channel().getByText("after the trouble").waitFor();
    expect(await page.getByText("operation_timeout").count()).toBe(0);
    await become("bob");
    await page.getByRole("alert").getByText("operation_timeout").waitFor();
  });

  it("changes a message in its place, and what was unfolded elsewhere stays unfolded", async () => {
    const { page, workspace, channel } = opened();
    const articles = channel().getByRole("article");
    const before = await articles.count();
    await page.getByText("LUNs of cluster-1, whole").click();
    workspace.post(progress(4));
    await articles.filter({ hasText: "cluster-1 is ready" }).waitFor();
    expect(await channel().getByText("(edited)").count()).toBe(1);
    expect(await articles.count()).toBe(before);
    expect(await articles.filter({ hasText: "op-6: rescan" }).count()).toBe(0);
    expect(await page.locator("details[open]").count()).toBe(1);
  });

  it("opens a thread next to the channel, and answers go there", async () => {
    const { page, workspace, channel, actionsOf } = opened();
    await channel().getByRole("button", { name: "2 replies" }).click();
    const thread = page.getByRole("complementary", { name: "Thread" });
    await thread.getByText("That cable is being replaced").waitFor();
    expect(await channel().getByText("That cable is being replaced").count()).toBe(0);
    await thread.getByRole("textbox").fill("@zstack help");
    await thread.getByRole("textbox").press("Enter");
    await expect.poll(() => actionsOf("/page/say").at(-1)?.body.threadTs).toBe(tsAt(5));
    workspace.post(message(tsAt(33), { threadTs: tsAt(5), text: "the answer" }));
    await thread.getByText("the answer").waitFor();
    await channel().getByRole("button", { name: "3 replies" }).waitFor();
  });

  it("shows escaped text unchanged, never as a mention, a link or markup", async () => {
    const { workspace, channel } = opened();
    workspace.post(
      message(tsAt(34), { text: "&lt;!channel&gt; &lt;b&gt;x&lt;/b&gt; <javascript:alert(1)|press> &amp;amp;" }),
    );
    const said = channel().getByRole("article").last();
    await expect.poll(() => said.textContent()).toContain("<!channel> <b>x</b> <javascript:alert(1)|press> &amp;");
    expect(await said.locator("a, b, .mention").count()).toBe(0);
  });

  it("shows the other blocks if one is of an unknown kind or shape", async () => {
    const { workspace, channel, send } = opened();
    const malformed = [{ type: "hologram" }, { type: "table", rows: "none" }, { type: "rich_text", elements: [null] }];
    workspace.post(message(tsAt(35), { text: "in words", blocks: malformed }));
    await channel().getByText("in words").first().waitFor();
    await send("still here");
  });

  it("offers a file for download", async () => {
    const { page, channel } = opened();
    const downloading = page.waitForEvent("download");
    await channel().getByRole("button", { name: "Download luns-of-cluster-1.txt" }).click();
    expect((await downloading).suggestedFilename()).toBe("luns-of-cluster-1.txt");
  });
});

describe("the reading position", () => {
  const scrolled = () =>
    opened()
      .page.locator(".channel .scroller")
      .evaluate((box) => box.scrollHeight - box.scrollTop - box.clientHeight);

  it("follows the newest message, unless the reader scrolled up", async () => {
    const { page, workspace, channel } = opened();
    await expect.poll(scrolled).toBeLessThan(2);
    workspace.post(message(tsAt(36), { text: "first news" }));
    await channel().getByText("first news").waitFor();
    await expect.poll(scrolled).toBeLessThan(2);

    await page.locator(".channel .scroller").evaluate((box) => box.scrollTo(0, 100));
    workspace.post(message(tsAt(37), { text: "second news" }));
    const pill = page.getByRole("button", { name: "New messages" });
    await pill.waitFor();
    expect(await scrolled()).toBeGreaterThan(100);
    await pill.click();
    await expect.poll(scrolled).toBeLessThan(2);
    await expect.poll(() => pill.count()).toBe(0);
  });

  it.each([1280, 420, 375])(
    "never scrolls sideways at a width of %i; only a wide table does, inside itself",
    async (width) => {
      const { page } = opened();
      await page.setViewportSize({ width, height: 800 });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBe(0);
      const table = page.getByRole("region", { name: "Table: WWID, Vendor" });
      expect(await table.evaluate((box) => box.scrollWidth > box.clientWidth)).toBe(true);
      const outside = await page.locator(".channel .scroller").evaluate((box) => box.scrollWidth - box.clientWidth);
      expect(outside).toBe(0);
      const edges = await page
        .locator(".actions .button")
        .evaluateAll((buttons) => buttons.map((button) => button.getBoundingClientRect().right));
      expect(edges.length).toBeGreaterThan(3);
      expect(Math.max(...edges)).toBeLessThanOrEqual(width);
    },
  );
});

describe("a lost connection", () => {
  it("is shown, and after it come the messages since then", async () => {
    const { page, workspace, channel } = opened();
    workspace.cut();
    await page.getByRole("status").getByText("The connection to the workspace is lost").waitFor();
    workspace.post(message(tsAt(38), { text: "posted since then" }));
    workspace.post(progress(4));
    workspace.reconnectable();
    await channel().getByText("posted since then").waitFor();
    await channel().getByText("cluster-1 is ready").waitFor();
    expect(await page.getByText("The connection to the workspace is lost").count()).toBe(0);
    workspace.post(message(tsAt(39), { text: "said afterwards" }));
    await channel().getByText("said afterwards").waitFor();
  });
});

it("the page shows that the SAN is simulated", async () => {
  const { page } = opened();
  await page.getByRole("note").getByText("The SAN and its three hosts are simulated.").waitFor();
});
