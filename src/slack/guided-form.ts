import type { types } from "@slack/bolt";
import { z } from "zod";
import type { Blocked, Choice, FilledForm, FormField, LunOffer } from "../core/guided-form.ts";
import type { OpenForm } from "../flow/forms.ts";
import { visible } from "../text/visible.ts";
import { limits } from "./limits.ts";
import { placeSchema } from "./place.ts";
import { cut, cutLine, type Line, plainText, section } from "./text.ts";

export const FORM = "guided-form";
export const SUBJECT = "form-subject";
export const LUNS = "form-luns";

/** The private metadata of a form: which form, where its plan goes, and the seal of this bot's data folder. */
export const formMetadataSchema = z.strictObject({
  command: z.string(),
  seal: z.string(),
  subject: z.string().nullable(),
  place: placeSchema,
  openedAt: z.number(),
  /** For views.update, if Slack's answer to views.open was lost. */
  externalId: z.string(),
  /** The form was opened from the Home, where no channel is seen. */
  isFromHome: z.boolean().optional(),
});
export type FormMetadata = z.output<typeof formMetadataSchema>;

const OPTION_CHARACTERS = 75;
const MOST_REASONS = 10;
const REASON_CHARACTERS = 240;
/** More LUNs would not fit into one command. */
const MOST_LUNS = 40;

const BLOCK: Readonly<Record<Exclude<FormField, "wwids">, string>> = {
  subject: "subject",
  name: "name",
  description: "description",
  wipe: "wipe",
};
/** Another subject has other LUNs. With another block id, Slack drops the earlier choice. */
const lunsBlock = (subject: string): string => `luns ${subject}`;

/** The block that shows a wrong input. */
export const blockOf = (field: FormField, subject: string): string =>
  field === "wwids" ? lunsBlock(subject) : BLOCK[field];

/** The modal with the present choices. */
export function guidedFormOf(open: OpenForm, metadata: FormMetadata): types.ModalView {
  const privateMetadata = JSON.stringify({ ...metadata, subject: open.subject?.value ?? null });
  if (privateMetadata.length > limits.modalMetadataCharacters) {
    throw new RangeError(`private_metadata of ${privateMetadata.length} characters`);
  }
  const { form, subject, luns } = open;
  const isBlocked = subject === null && luns.kind === "blocked";
  const blocks = isBlocked ? blockedBlocks(luns.blocked) : inputsOf(open);
  return {
    type: "modal",
    callback_id: FORM,
    external_id: metadata.externalId,
    private_metadata: privateMetadata,
    title: plainText(form.title),
    ...(isBlocked ? {} : { submit: plainText("Show Plan") }),
    close: plainText(isBlocked ? "Close" : "Cancel"),
    blocks,
  };
}

function inputsOf(open: OpenForm): types.KnownBlock[] {
  const { form, subject } = open;
  return [
    {
      type: "input",
      block_id: BLOCK.subject,
      dispatch_action: true,
      label: plainText(form.subject.label),
      element: {
        type: "external_select",
        action_id: SUBJECT,
        min_query_length: 0,
        placeholder: plainText("Choose"),
        ...(subject === null ? {} : { initial_option: optionOf(subject) }),
      },
    },
    ...lunBlocks(open),
    ...form.texts.map(
      ({ key, label, hint }): types.InputBlock => ({
        type: "input",
        block_id: BLOCK[key],
        optional: true,
        label: plainText(label),
        hint: plainText(hint),
        element: { type: "plain_text_input", action_id: key, max_length: key === "name" ? 63 : 2000 },
      }),
    ),
    {
      type: "input",
      block_id: BLOCK.wipe,
      optional: true,
      label: plainText("Existing data"),
      element: {
        type: "checkboxes",
        action_id: "wipe",
        options: [{ text: plainText("Wipe: data on these LUNs may be destroyed"), value: "wipe" }],
      },
    },
    ...lunsBelow(open),
    {
      type: "context",
      elements: [plainText("The plan is posted where you opened this form. Nothing runs before a person confirms it.")],
    },
  ];
}

function lunBlocks({ subject, luns }: OpenForm): types.KnownBlock[] {
  if (subject === null) return [];
  switch (luns.kind) {
    case "no subject":
      return [];
    case "blocked":
      return blockedBlocks(luns.blocked);
    case "observing":
      return [text([`Observing the hosts of ${subject.value}…`], ["The list of LUNs appears here."])];
    case "failed":
      return [text([{ bold: `The hosts of ${subject.value} can't be observed` }], ...luns.why.map((why) => [why]))];
    case "offered":
      return offerBlocks(subject.value, luns.offer);
  }
}

function offerBlocks(subject: string, offer: LunOffer): types.KnownBlock[] {
  const { usable, problems } = offer;
  if (problems.length > 0) {
    return [
      text([{ bold: "Every host must be read first" }], ...listed(problems), [
        "Fix the hosts, then open this form again.",
      ]),
    ];
  }
  const count = usable.length === 1 ? "1 LUN can be used." : `${usable.length} LUNs can be used.`;
  const picker: types.InputBlock = {
    type: "input",
    block_id: lunsBlock(subject),
    label: plainText("LUNs"),
    hint: plainText(`${count} Type the last characters of a WWID to find one.`),
    element: {
      type: "multi_external_select",
      action_id: LUNS,
      min_query_length: 0,
      max_selected_items: MOST_LUNS,
      placeholder: plainText("Choose LUNs"),
    },
  };
  const none = text([{ bold: "No LUN can be used" }], [`The hosts of ${subject} see no LUN that is free.`]);
  return [usable.length > 0 ? picker : none];
}

/** What people read only if a LUN is missing from the menu. */
function lunsBelow({ luns }: OpenForm): types.KnownBlock[] {
  return luns.kind === "offered" ? [...unusableBlocks(luns.offer), text(["Observed ", { at: luns.at }, "."])] : [];
}

function unusableBlocks({ unusable, all }: LunOffer): types.KnownBlock[] {
  const owned = unusable.flatMap(({ owner }) => owner ?? []);
  const others = unusable.filter(({ owner }) => owner === null);
  const shown = others.slice(0, MOST_REASONS);
  const left = others.length - shown.length;
  const lines: Line[] = [
    ...listed(shown.map(({ why }) => why)),
    ...(left === 0 ? [] : [[`…and ${left} more. All of them: `, { code: `/zstack ${all}` }]]),
    ...ownedLines(owned),
  ];
  return lines.length === 0 ? [] : [text([{ bold: "Can't be used" }], ...lines)];
}

function ownedLines(owners: readonly string[]): Line[] {
  const names = [...new Set(owners)];
  const few = names.slice(0, 5).map((name) => `${name} (${owners.filter((each) => each === name).length})`);
  const more = names.length > few.length ? [`${names.length - few.length} more storages`] : [];
  return names.length === 0 ? [] : [[`• owned by storages: ${[...few, ...more].join(", ")}`]];
}

const blockedBlocks = ({ why, fix }: Blocked): types.KnownBlock[] => [
  text([{ bold: why }], ["Fix: ", { code: `/zstack ${fix}` }]),
];

const listed = (lines: readonly string[]): Line[] => [
  ...lines.slice(0, MOST_REASONS).map((line) => cutLine([`• ${visible(line)}`], REASON_CHARACTERS)),
  ...(lines.length > MOST_REASONS ? [[`…and ${lines.length - MOST_REASONS} more`]] : []),
];

const text = (...lines: readonly Line[]): types.RichTextBlock => ({ type: "rich_text", elements: [section(lines)] });

export const optionOf = ({ value, text: words, detail }: Choice): types.PlainTextOption => ({
  text: plainText(cut(visible(words), OPTION_CHARACTERS)),
  value,
  ...(detail === null ? {} : { description: plainText(cut(visible(detail), OPTION_CHARACTERS)) }),
});

const chosen = z.looseObject({ value: z.string() });
/** The values of inputs, as Slack sends them. */
export const formValuesSchema = z.record(
  z.string(),
  z.record(
    z.string(),
    z.looseObject({
      value: z.string().nullish(),
      selected_option: chosen.nullish(),
      selected_options: z.array(chosen).nullish(),
    }),
  ),
);

export function filledIn(values: z.output<typeof formValuesSchema>): FilledForm {
  const typed = (key: "name" | "description") => values[BLOCK[key]]?.[key]?.value?.trim() || null;
  const subject = values[BLOCK.subject]?.[SUBJECT]?.selected_option?.value ?? "";
  const options = (blockId: string, actionId: string) => values[blockId]?.[actionId]?.selected_options ?? [];
  return {
    subject,
    wwids: options(lunsBlock(subject), LUNS).map(({ value }) => value),
    name: typed("name"),
    description: typed("description"),
    wipe: options(BLOCK.wipe, "wipe").length > 0,
  };
}
