import { createHash } from "node:crypto";
import type { types } from "@slack/bolt";
import type { WebClient } from "@slack/web-api";
import type { Inline, NextStep, Text } from "../core/reply.ts";
import type { Home, HomeItem, HomeLink, HomeSection } from "../flow/home.ts";
import { HomeNotPublished } from "../flow/home-desk.ts";
import type { NextButton } from "../flow/ports.ts";
import { visible } from "../text/visible.ts";
import { buttonsBlock } from "./buttons.ts";
import { linkTo } from "./conversation.ts";
import { failureOf } from "./failure.ts";
import { limits } from "./limits.ts";
import type { OwnWorkspace } from "./origin.ts";
import { marks } from "./parts.ts";
import { placeSchema } from "./place.ts";
import { cut, cutLine, type Line, linesOf, plainText, section } from "./text.ts";

type ButtonsOf = (steps: readonly NextStep[]) => NextButton[];

/** Slack's limit is 100. The rest is for the header, the buttons and notes. */
const MOST_BLOCKS = 90;
/** Characters of one item: Slack takes 250,000 in a view, and a phone shows some hundred. */
const ITEM_CHARACTERS = 1_000;
/** Buttons of one item, with its link. */
const ITEM_BUTTONS = 4;

/** A Home as Slack's view. Items without buttons share a block. */
export function homeView(home: Home, buttonsOf: ButtonsOf, own: OwnWorkspace): types.HomeView {
  const head: types.KnownBlock[] = [
    { type: "header", text: plainText(cut(visible(home.title).trim() || "–", limits.headerCharacters)) },
    richText([whole(home.lead)]),
  ];
  const menu = buttonsOf(home.next);
  const foot: types.KnownBlock[] = [
    ...(menu.length === 0 ? [] : [{ type: "divider" } as const, buttonsBlock(menu, "menu")]),
    { type: "context", elements: [shownAt(home.madeAt), plainText(FOOT)] },
  ];
  const middle: types.KnownBlock[] = [];
  for (const [index, each] of home.sections.entries()) {
    const blocks = sectionBlocks(each, `section-${index + 1}`, buttonsOf, own);
    const room = MOST_BLOCKS - head.length - foot.length - middle.length - 1;
    middle.push(...blocks.slice(0, Math.max(0, room)));
    if (blocks.length > room) {
      middle.push({ type: "context", elements: [plainText("More than a Home can show: ask for the rest.")] });
      break;
    }
  }
  return { type: "home", blocks: [...head, ...middle, ...foot] };
}

const FOOT = "It changes by itself for an hour after you open it.";

const shownAt = (iso: string): types.MrkdwnElement => ({
  type: "mrkdwn",
  text: `Shown at <!date^${Math.floor(Date.parse(iso) / 1000)}^{time}|${iso.slice(11, 16)} UTC>.`,
  verbatim: true,
});

function sectionBlocks({ title, items, more }: HomeSection, id: string, buttonsOf: ButtonsOf, own: OwnWorkspace) {
  const blocks: types.KnownBlock[] = [{ type: "header", text: plainText(title) }];
  let lines: Line[] = [];
  const flush = () => {
    if (lines.length > 0) blocks.push(richText(lines));
    lines = [];
  };
  for (const [index, item] of items.entries()) {
    lines.push(...itemLines(item));
    const buttons = itemButtons(item, `${id}-${index + 1}`, buttonsOf, own);
    if (buttons === null) continue;
    flush();
    blocks.push(buttons);
  }
  flush();
  if (more !== null) blocks.push({ type: "context", elements: [plainText(cut(`…and ${more}`, ITEM_CHARACTERS))] });
  return blocks;
}

/** Each line of an item, the first one with the mark of its tone. */
function itemLines({ tone, text }: HomeItem): Line[] {
  const [first = [], ...others] = linesOf(text.map(mentioned), ITEM_CHARACTERS).lines.map((line) =>
    cutLine(line, ITEM_CHARACTERS),
  );
  return [[marks[tone], ...first], ...others];
}

/** A mention in a Home notifies nobody, and shows the person's name. */
const mentioned = (inline: Inline): Inline =>
  typeof inline === "object" && "person" in inline ? { person: inline.person } : inline;

function itemButtons({ next, link }: HomeItem, id: string, buttonsOf: ButtonsOf, own: OwnWorkspace) {
  const links = link === null ? [] : linkButtons(link, own);
  const block = buttonsBlock(buttonsOf(next).slice(0, ITEM_BUTTONS - links.length), id);
  const elements = [...links, ...block.elements];
  const text = JSON.stringify(elements);
  // A changed block has another id, so that a click on an older copy is known as such.
  const block_id = `${id}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
  return elements.length === 0 ? null : { ...block, block_id, elements };
}

/** Slack sends a click on a link too. It is acknowledged, and nothing else happens. */
export const OPEN_LINK = "open";

/** None for what is in no channel, such as an operation of a terminal. */
function linkButtons({ label, place, messageId }: HomeLink, own: OwnWorkspace): types.Button[] {
  const channel = placeSchema.safeParse(JSON.parse(place)).data;
  if (channel === undefined) return [];
  const url = linkTo(channel, messageId, own);
  return [{ type: "button", text: plainText(cut(label, limits.buttonCharacters)), action_id: OPEN_LINK, url }];
}

const richText = (lines: readonly Line[]): types.RichTextBlock => ({ type: "rich_text", elements: [section(lines)] });

const whole = (text: Text): Inline[] =>
  linesOf(text, ITEM_CHARACTERS).lines.flatMap((line, index) => [...(index === 0 ? [] : ["\n"]), ...line]);

/** After a failure of the moment for which Slack names no time. */
const PAUSE_MS = 10_000;

/** Publishes a Home, in one call. */
export async function publishHome(
  client: WebClient,
  person: string,
  home: Home,
  buttonsOf: ButtonsOf,
  own: OwnWorkspace,
): Promise<void> {
  try {
    await client.views.publish({ user_id: person, view: homeView(home, buttonsOf, own) });
  } catch (error) {
    const failure = failureOf(error);
    if (failure.about === "content") throw new HomeNotPublished({ about: "content" }, error);
    if (failure.about !== "moment") throw error;
    throw new HomeNotPublished({ about: "moment", forMs: failure.retryAfterMs ?? PAUSE_MS }, error);
  }
}
