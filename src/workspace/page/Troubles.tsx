import type { Trouble } from "./workspace-state.ts";

/** What Slack itself tells a person, above the line they typed on; it stays until they have read it. */
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
