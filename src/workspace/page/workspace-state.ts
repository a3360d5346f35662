import type { PageEvent, PageHome, PageMessage, PageState, PageView } from "../page-protocol.ts";

export interface Trouble {
  readonly id: number;
  readonly person: string;
  readonly text: string;
}
export interface Workspace {
  /** null until the server has answered for the first time. */
  readonly page: PageState | null;
  /** Whether events arrive; what is shown may be old while they don't. */
  readonly connected: boolean;
  readonly troubles: readonly Trouble[];
  /** How often the simulated SAN has changed since the page was opened. */
  readonly sanChanges: number;
}
type Happening =
  | { readonly kind: "loaded"; readonly page: PageState }
  | { readonly kind: "lost" }
  | { readonly kind: "happened"; readonly event: PageEvent }
  | { readonly kind: "trouble read"; readonly id: number };

export const emptyWorkspace: Workspace = { page: null, connected: false, troubles: [], sanChanges: 0 };

/** The workspace after one happening. Pure; a message that comes again replaces itself in its place. */
export function after(workspace: Workspace, happening: Happening): Workspace {
  switch (happening.kind) {
    case "loaded":
      return { ...workspace, page: happening.page, connected: true, sanChanges: workspace.sanChanges + 1 };
    case "lost":
      return { ...workspace, connected: false };
    case "trouble read":
      return { ...workspace, troubles: workspace.troubles.filter(({ id }) => id !== happening.id) };
    case "happened":
      return afterEvent(workspace, happening.event);
  }
}

function afterEvent(workspace: Workspace, event: PageEvent): Workspace {
  const { page } = workspace;
  if (event.kind === "trouble") {
    const id = (workspace.troubles.at(-1)?.id ?? 0) + 1;
    return { ...workspace, troubles: [...workspace.troubles, { id, person: event.person, text: event.text }] };
  }
  if (event.kind === "san changed") return { ...workspace, sanChanges: workspace.sanChanges + 1 };
  if (page === null) return workspace;
  switch (event.kind) {
    case "message":
      return { ...workspace, page: { ...page, messages: withMessage(page.messages, event.message) } };
    case "message deleted":
      return { ...workspace, page: { ...page, messages: page.messages.filter(({ ts }) => ts !== event.ts) } };
    case "view":
      return { ...workspace, page: { ...page, views: withView(page.views, event.view) } };
    case "view closed":
      return { ...workspace, page: { ...page, views: page.views.filter(({ id }) => id !== event.id) } };
    case "home":
      return { ...workspace, page: { ...page, homes: withHome(page.homes, event.home) } };
  }
}

const withMessage = (messages: PageMessage[], message: PageMessage): PageMessage[] =>
  messages.some(({ ts }) => ts === message.ts)
    ? messages.map((each) => (each.ts === message.ts ? message : each))
    : [...messages, message].sort((a, b) => Number(a.ts) - Number(b.ts));

const withView = (views: PageView[], view: PageView): PageView[] =>
  views.some(({ id }) => id === view.id) ? views.map((each) => (each.id === view.id ? view : each)) : [...views, view];

const withHome = (homes: PageHome[], home: PageHome): PageHome[] => [
  ...homes.filter(({ person }) => person !== home.person),
  home,
];

/** Ephemeral messages are there for one person only. */
export const messagesFor = (page: PageState, personId: string): PageMessage[] =>
  page.messages.filter(({ onlyFor }) => onlyFor === null || onlyFor === personId);
