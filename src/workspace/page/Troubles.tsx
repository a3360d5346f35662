import type { Trouble } from "./workspace-state.ts";

/** Slack's own messages to a person, above the message box; each stays until it is closed. */
export function Troubles({ troubles, dismiss }: { troubles: readonly Trouble[]; dismiss(id: number): void }) {
  return (
    <div className="troubles" role="alert">
      {troubles.slice(-3).map(({ id, text }) => (
        <p key={id} className="trouble">
          <span className="only-you">Only visible to you</span>
          <span className="trouble-text">{text}</span>
          <button type="button" className="icon" aria-label="Dismiss" onClick={() => dismiss(id)}>
            ✕
          </button>
        </p>
      ))}
    </div>
  );
}
