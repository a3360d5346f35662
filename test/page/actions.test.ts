import { describe, expect, it } from "vitest";
import { confirmView, message, plan, tsAt } from "./fixture-story.ts";
import { acceptAll } from "./fixture-workspace.ts";
import { heldBack, opensPages } from "./opened-page.ts";

const opened = opensPages();

describe("the command line", () => {
  it("completes words and keys with Tab, shows the usage, and sends the line with Enter", async () => {
    const { page, line, actionsOf } = opened();
    await line().pressSequentially("/zs");
    await line().press("Tab");
    await line().pressSequentially("shared");
    await expect.poll(() => page.getByRole("option").allTextContents()).toHaveLength(3);
    await line().press("Tab");
    expect(await line().inputValue()).toBe("/zstack sharedblock add ");
    await page.getByText("sharedblock add CLUSTER wwid=…").waitFor();
    await line().pressSequentially("cluster-1 ww");
    await line().press("Tab");
    await line().pressSequentially("36b0");
    await line().press("Enter");
    await expect
      .poll(() => actionsOf("/page/say"))
      .toEqual([
        {
          path: "/page/say",
          body: { person: "U0ALICE", text: "/zstack sharedblock add cluster-1 wwid=36b0", threadTs: null },
        },
      ]);
    expect(await line().inputValue()).toBe("");
  });

  it("takes the suggestion chosen with the arrow keys; only then does Enter not send", async () => {
    const { page, workspace, line, actionsOf } = opened();
    await line().pressSequentially("/zstack sharedblock ");
    await line().press("ArrowDown");
    await line().press("ArrowDown");
    expect(await page.getByRole("option", { selected: true }).textContent()).toContain("sharedblock list");
    await line().press("Enter");
    expect(await line().inputValue()).toBe("/zstack sharedblock list ");
    expect(workspace.actions).toEqual([]);
    await line().press("Enter");
    await expect.poll(() => actionsOf("/page/say").length).toBe(1);
  });

  it("keeps each person's history over a reload, and restores the draft", async () => {
    const { page, line, become, send } = opened();
    await send("/zstack host list");
    await send("/zstack lun list cluster-1");
    await become("bob");
    await line().press("ArrowUp");
    expect(await line().inputValue()).toBe("");
    await send("/zstack help");
    await become("alice");
    await page.reload();
    await line().fill("half a line");
    await line().press("ArrowUp");
    expect(await line().inputValue()).toBe("/zstack lun list cluster-1");
    await line().press("ArrowUp");
    expect(await line().inputValue()).toBe("/zstack host list");
    await line().press("ArrowUp");
    expect(await line().inputValue()).toBe("/zstack host list");
    await line().press("ArrowDown");
    await line().press("ArrowDown");
    expect(await line().inputValue()).toBe("half a line");
  });

  it("restores a line that was not taken, with the reason", async () => {
    const { page, workspace, line } = opened();
    workspace.answer = () => {
      throw new Error("the workspace is closing");
    };
    await line().fill("/zstack help");
    await line().press("Enter");
    await page.getByRole("alert").getByText("the workspace is closing").waitFor();
    expect(await line().inputValue()).toBe("/zstack help");
    await page.getByRole("button", { name: "Dismiss" }).click();
    await expect.poll(() => page.getByText("the workspace is closing").count()).toBe(0);
  });
});

describe("buttons", () => {
  it("are disabled while a click is being sent, so that a double click is one action", async () => {
    const { workspace, channel, actionsOf } = opened();
    const { held, release } = heldBack();
    workspace.answer = () => held.then(() => ({}));
    const confirm = channel().getByRole("button", { name: "Confirm" });
    await confirm.dblclick();
    expect(await confirm.isDisabled()).toBe(true);
    expect(await confirm.getAttribute("aria-busy")).toBe("true");
    expect(await channel().getByRole("button", { name: "Cancel" }).isDisabled()).toBe(true);
    release();
    await expect.poll(() => confirm.isEnabled()).toBe(true);
    expect(actionsOf("/page/click").map(({ body }) => body)).toEqual([
      { person: "U0ALICE", messageTs: plan.ts, blockId: "decision", actionId: "confirm" },
    ]);
  });
});

describe("a modal", () => {
  const typed = () => opened().dialog().getByRole("textbox", { name: "The last six characters of the WWID" });
  const open = async () => {
    opened().workspace.send({ kind: "view", view: confirmView });
    await opened().dialog().waitFor();
  };

  it("has the focus in its first input, shows errors under it, and closes when the server says so", async () => {
    const { page, workspace, dialog, actionsOf } = opened();
    await open();
    expect(await typed().evaluate((input) => input === document.activeElement)).toBe(true);
    workspace.answer = ({ path }) => (path === "/page/submit" ? { errors: { typed: "not abbe00a's end" } } : {});
    await page.keyboard.type("abbe0b");
    await page.keyboard.press("Enter");
    await dialog().getByRole("alert").getByText("not abbe00a's end").waitFor();
    expect(await typed().getAttribute("aria-invalid")).toBe("true");
    expect(await typed().inputValue()).toBe("abbe0b");

    workspace.answer = acceptAll;
    await typed().fill("bbe00a");
    await dialog().getByRole("button", { name: "Confirm" }).click();
    await expect
      .poll(() => actionsOf("/page/submit").at(-1)?.body)
      .toEqual({
        person: "U0ALICE",
        viewId: "V1",
        values: { typed: { typed: "bbe00a" } },
      });
    await expect.poll(() => dialog().getByText("not abbe00a's end").count()).toBe(0);
    workspace.send({ kind: "view closed", id: "V1" });
    await dialog().waitFor({ state: "detached" });
  });

  it("takes one submission at a time, and another one if the app did not answer", async () => {
    const { workspace, dialog, actionsOf } = opened();
    await open();
    const { held, release } = heldBack();
    workspace.answer = () => held.then(() => ({ errors: {} }));
    const confirm = dialog().getByRole("button", { name: "Confirm" });
    await confirm.dblclick();
    expect(await confirm.isDisabled()).toBe(true);
    workspace.send({ kind: "trouble", person: "U0ALICE", text: "We had some trouble connecting. Try again?" });
    release();
    await dialog().getByText("We had some trouble connecting").waitFor();
    await confirm.click();
    await expect.poll(() => actionsOf("/page/submit").length).toBe(2);
  });

  it("keeps the keyboard inside it, and Escape asks the server to close it", async () => {
    const { page, dialog, actionsOf } = opened();
    await open();
    for (let press = 0; press < 8; press++) {
      await page.keyboard.press("Tab");
      const inside = await page.evaluate(
        () => document.activeElement === document.body || document.activeElement?.closest("dialog") !== null,
      );
      expect(inside).toBe(true);
    }
    await page.keyboard.press("Escape");
    await expect
      .poll(() => actionsOf("/page/close").map(({ body }) => body))
      .toEqual([{ person: "U0ALICE", viewId: "V1" }]);
    expect(await dialog().isVisible()).toBe(true);
  });

  it("is shown to its own person only", async () => {
    const { workspace, channel, dialog, become } = opened();
    workspace.send({ kind: "view", view: { ...confirmView, person: "U0BOB" } });
    workspace.post(message(tsAt(30), { text: "after the view" }));
    await channel().getByText("after the view").waitFor();
    expect(await dialog().count()).toBe(0);
    await become("bob");
    await dialog().waitFor();
  });
});
