import { expect, it } from "vitest";
import type { LunOffer } from "../../src/core/guided-form.ts";
import type { OpenForm } from "../../src/flow/forms.ts";
import { type FormMetadata, guidedFormOf, optionOf } from "../../src/slack/guided-form.ts";
import { addForm } from "../../src/storage/forms/add.ts";
import { suggestion } from "../../src/workspace/server/menu-rules.ts";
import { checkedModal } from "../../src/workspace/server/view-rules.ts";
import { textIn } from "../scenario/message-text.ts";

const metadata: FormMetadata = {
  ...{ command: "sharedblock add", seal: "0".repeat(24), subject: null, openedAt: 0 },
  ...{ place: { channel: `C${"0".repeat(30)}`, threadTs: "1.000000" }, externalId: "0".repeat(36) },
};
const subject = { value: "c".repeat(63), text: "c".repeat(63), detail: "x".repeat(500) };
const offered = (offer: Partial<LunOffer>): OpenForm => ({
  ...{ command: "sharedblock add", form: addForm, subject },
  luns: {
    ...{ kind: "offered", at: "2026-11-29T09:00:00.000Z" },
    offer: { usable: [], unusable: [], problems: [], all: "lun list cluster-1", ...offer },
  },
});
const shown = (open: OpenForm) => textIn({ blocks: checkedModal(guidedFormOf(open, metadata)).blocks, text: "" });

it("a form with thousands of LUNs keeps Slack's limits, and counts those that don't fit", () => {
  const wwids = Array.from({ length: 3_000 }, (_, index) => `36b0${String(index).padStart(28, "0")}`);
  const unusable = wwids.map((wwid, index) => ({
    ...{ wwid, why: `…${wwid.slice(-6)} is in use by ${"y".repeat(2_000)}` },
    owner: index % 3 === 0 ? `storage-${index}` : null,
  }));
  const usable = wwids.map((value) => ({ value, text: value, detail: null, content: null }));
  const text = shown(offered({ usable, unusable }));
  expect(text).toContain("3000 LUNs can be used");
  expect(text).toContain("…and 1990 more. All of them:");
  expect(text).toContain("/zstack lun list cluster-1");
  expect(text).toContain("storage-0 (1)");
  expect(text).toContain("995 more storages");
});

it("hosts that were not read are named, at most ten", () => {
  const problems = Array.from({ length: 200 }, (_, index) => `host${index}: ${"z".repeat(3_000)}`);
  const text = shown(offered({ problems }));
  expect(text).toContain("host9: ");
  expect(text).not.toContain("host10: ");
  expect(text).toContain("…and 190 more");
});

it("an option fits a menu, with any text of a host", () => {
  const option = optionOf({ value: "36b0", text: `${"t".repeat(200)}\u0007`, detail: `\u202e${"d".repeat(200)}` });
  expect(suggestion.parse({ options: [option] }).options?.[0]?.text.text).toHaveLength(75);
  expect(JSON.stringify(option)).not.toMatch(/[\u0007\u202e]/);
});
