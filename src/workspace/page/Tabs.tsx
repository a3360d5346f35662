export type Tab = "channel" | "home";

interface Props {
  readonly tab: Tab;
  /** Messages that came while the Home tab was open. */
  readonly unseen: number;
  show(tab: Tab): void;
}

/** The channel, and the Home tab of the app. */
export function Tabs({ tab, unseen, show }: Props) {
  return (
    <nav className="tabs" aria-label="Tabs">
      <button type="button" aria-current={tab === "channel" ? "page" : undefined} onClick={() => show("channel")}>
        Channel
        {unseen > 0 ? (
          <span className="unseen-count">
            {unseen}
            <span className="unseen"> new</span>
          </span>
        ) : null}
      </button>
      <button type="button" aria-current={tab === "home" ? "page" : undefined} onClick={() => show("home")}>
        Home
      </button>
    </nav>
  );
}
