import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { launchChromium } from "./browser.ts";
import { storyState } from "./fixture-story.ts";
import { FixtureWorkspace, type UserAction } from "./fixture-workspace.ts";

/** The page on a fixture workspace, opened again for each test of a file. */
export class OpenedPage {
  readonly page: Page;
  readonly workspace: FixtureWorkspace;
  /** The browser's errors, and requests to other addresses than the workspace's. */
  readonly complaints: string[] = [];

  constructor(page: Page, workspace: FixtureWorkspace, address: string) {
    this.page = page;
    this.workspace = workspace;
    page.setDefaultTimeout(15_000);
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("request", (request) => {
      const isElsewhere = !/^(?:data|blob):/.test(request.url()) && !request.url().startsWith(address);
      if (isElsewhere) this.complaints.push(request.url());
    });
  }

  channel = (): Locator => this.page.getByRole("log", { name: "Messages in #storage-ops" });
  line = (): Locator => this.page.getByRole("textbox", { name: "Message #storage-ops" });
  dialog = (): Locator => this.page.getByRole("dialog", { name: "Confirm op-7" });
  become = (name: string): Promise<void> => this.page.getByRole("radio", { name }).check({ force: true });
  actionsOf = (path: UserAction["path"]): UserAction[] => this.workspace.actions.filter((each) => each.path === path);

  send = async (text: string): Promise<void> => {
    await this.line().fill(text);
    await this.line().press("Enter");
    await expect.poll(() => this.actionsOf("/page/say").at(-1)?.body.text).toBe(text);
  };
}

/** To be called once in a test file. The returned function gives the page of the running test. */
export function opensPages(): () => OpenedPage {
  let browser: Browser | undefined;
  let opened: OpenedPage | undefined;
  const current = (): OpenedPage => {
    if (opened === undefined) throw new Error("no page is open outside a test");
    return opened;
  };
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser?.close());
  beforeEach(async () => {
    const workspace = new FixtureWorkspace(storyState);
    const address = await workspace.listen();
    // Its own context, without another test's localStorage.
    const context = await browser?.newContext({ viewport: { width: 1280, height: 800 } });
    if (context === undefined) throw new Error("Chromium did not start");
    opened = new OpenedPage(await context.newPage(), workspace, address);
    await opened.page.goto(address);
    await opened.channel().waitFor();
  });
  afterEach(async () => {
    const { page, workspace, complaints } = current();
    await page.context().close();
    await workspace.close();
    expect(complaints).toEqual([]);
  });
  return current;
}

/** Answers that wait until they are released. */
export function heldBack(): { held: Promise<void>; release: () => void } {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  return { held, release };
}
