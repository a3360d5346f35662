import type { Locator, Page } from "playwright-core";

/** What a person does on the page of the running bot to add a storage on a LUN. */

export const WWID = "36b083fe000daf018000015505abbe00a";
const ADD = `/zstack sharedblock add cluster-1 wwid=${WWID} name=ps-1 wipe=true`;

/** The text of the plan's button. */
export const VERB = "Wipe and Add";

export const messages = (page: Page): Locator => page.getByRole("log", { name: /^Messages in #/ }).getByRole("article");
export const messageWith = (page: Page, text: string | RegExp): Locator =>
  messages(page).filter({ hasText: text }).last();
export const form = (page: Page): Locator => page.getByRole("dialog");
export const ending = (page: Page): Locator => form(page).getByRole("textbox", { name: /^Last six characters/ });

/** Key by key, as a person does; Enter sends it. */
export async function types(page: Page, words: string): Promise<void> {
  const line = page.getByRole("textbox", { name: /^Message #/ });
  await line.pressSequentially(words);
  await line.press("Enter");
}

/** Resolves to the message with the plan. */
export async function asksForPlan(page: Page): Promise<Locator> {
  await types(page, ADD);
  const plan = messageWith(page, "Add ps-1 to cluster-1");
  await plan.getByRole("button", { name: VERB }).waitFor();
  return plan;
}

export async function opensForm(page: Page, plan: Locator): Promise<void> {
  await plan.getByRole("button", { name: VERB }).first().click();
  await ending(page).waitFor();
}

export async function confirms(page: Page, typed: string): Promise<void> {
  await ending(page).fill(typed);
  await form(page).getByRole("button", { name: VERB }).click();
}

/** Resolves to the message with the end. */
export async function seesEnd(page: Page): Promise<Locator> {
  const end = messageWith(page, "Add ps-1 to cluster-1: done");
  await end.waitFor();
  return end;
}

export const becomes = (page: Page, name: string): Promise<void> =>
  page.getByRole("radio", { name }).check({ force: true });
