import { randomBytes } from "node:crypto";
import type { PageView } from "../page-protocol.ts";
import type { Directory } from "./directory.ts";
import type { HomeView } from "./homes.ts";
import type { Box, Option } from "./menu-rules.ts";
import { Offers } from "./offers.ts";
import type { PageEvents } from "./page-events.ts";
import { SlackError } from "./slack-error.ts";
import type { Modal } from "./view-rules.ts";

export interface View {
  readonly id: string;
  readonly person: string;
  /** The view under this one in the person's stack; null for the lowest. */
  readonly under: string | null;
  readonly root: string;
  readonly hash: string;
  readonly modal: Modal;
  /** What its menus have offered to the person. */
  readonly offers: Offers;
}

/** The open modals: for each person a stack of at most three. */
export class Views {
  readonly #pageEvents: PageEvents;
  #open: View[] = [];

  constructor(pageEvents: PageEvents) {
    this.#pageEvents = pageEvents;
  }

  all(): PageView[] {
    return this.#open.map(onPage);
  }

  find(id: string): View | null {
    return this.#open.find((view) => view.id === id) ?? null;
  }

  /** By the id that the app gave it, which no other view has. */
  findExternal(id: string): View | null {
    return this.#open.find(({ modal }) => modal.external_id === id) ?? null;
  }

  /** A new modal replaces the person's open modal. */
  open(person: string, modal: Modal): View {
    this.clear(person);
    return this.#add(person, modal, null);
  }

  push(upon: View, modal: Modal): View {
    if (this.#open.filter(({ person }) => person === upon.person).length >= 3)
      throw new SlackError("push_limit_reached");
    return this.#add(upon.person, modal, upon);
  }

  update(id: string, modal: Modal, hash: string | null): View {
    const view = this.find(id);
    if (view === null) throw new SlackError("not_found");
    if (hash !== null && hash !== view.hash) throw new SlackError("hash_conflict");
    this.#assertUnique(modal, id);
    const updated = { ...view, modal, hash: newHash() };
    this.#open = this.#open.map((each) => (each.id === id ? updated : each));
    this.#pageEvents.emit({ kind: "view", view: onPage(updated) });
    return updated;
  }

  close(view: View): void {
    this.#open = this.#open.filter(({ id }) => id !== view.id);
    this.#pageEvents.emit({ kind: "view closed", id: view.id });
  }

  clear(person: string): void {
    for (const view of this.#open.filter((each) => each.person === person)) this.close(view);
  }

  #assertUnique({ external_id }: Modal, id: string | null): void {
    if (
      this.#open.some((each) => each.id !== id && external_id !== undefined && each.modal.external_id === external_id)
    )
      throw new SlackError("duplicate_external_ref");
  }

  #add(person: string, modal: Modal, under: View | null): View {
    this.#assertUnique(modal, null);
    const id = `V${randomBytes(5).toString("hex").toUpperCase()}`;
    const place = { under: under?.id ?? null, root: under?.root ?? id };
    const view = { id, person, ...place, hash: newHash(), modal, offers: new Offers() };
    this.#open = [...this.#open, view];
    this.#pageEvents.emit({ kind: "view", view: onPage(view) });
    return view;
  }
}

const newHash = () => `${Math.floor(Date.now() / 1000)}.${randomBytes(4).toString("hex")}`;

const onPage = ({ id, person, modal }: View): PageView => ({
  id,
  person,
  title: modal.title.text,
  submit: modal.submit?.text ?? null,
  close: modal.close?.text ?? null,
  blocks: modal.blocks,
});

export type InputValue =
  | { readonly type: "plain_text_input"; readonly value: string | null }
  | { readonly type: "external_select"; readonly selected_option: Option | null }
  | { readonly type: "users_select"; readonly selected_user: string | null }
  | { readonly type: "multi_external_select"; readonly selected_options: readonly Option[] }
  | { readonly type: "checkboxes"; readonly selected_options: readonly Box[] };

/** `block_id` → `action_id` → what an input holds, as payloads have it. */
export type InputValues = Record<string, Record<string, InputValue>>;
/** A view as the Web API and payloads carry it. */
export function viewObject(view: View, directory: Directory, values: InputValues = {}) {
  const { modal } = view;
  return {
    id: view.id,
    team_id: directory.team.id,
    ...modal,
    submit: modal.submit ?? null,
    close: modal.close ?? null,
    private_metadata: modal.private_metadata ?? "",
    callback_id: modal.callback_id ?? "",
    external_id: modal.external_id ?? "",
    clear_on_close: modal.clear_on_close ?? false,
    notify_on_close: modal.notify_on_close ?? false,
    state: { values },
    hash: view.hash,
    root_view_id: view.root,
    previous_view_id: view.under,
    app_id: directory.appId,
    app_installed_team_id: directory.team.id,
    bot_id: directory.bot.botId,
  };
}

/** A Home tab as the Web API and payloads carry it. */
export function homeObject({ id, hash, home }: HomeView, directory: Directory) {
  return {
    id,
    team_id: directory.team.id,
    ...home,
    ...{ submit: null, close: null, clear_on_close: false, notify_on_close: false },
    private_metadata: home.private_metadata ?? "",
    callback_id: home.callback_id ?? "",
    external_id: home.external_id ?? "",
    state: { values: {} },
    hash,
    ...{ root_view_id: id, previous_view_id: null },
    app_id: directory.appId,
    app_installed_team_id: directory.team.id,
    bot_id: directory.bot.botId,
  };
}
