import type { Completion } from "../page-protocol.ts";

/** How the command being typed is written. */
export function Usage({ command, starter }: { command: Completion; starter: string }) {
  const usage = command.usage.startsWith("/") ? command.usage : `${starter} ${command.usage}`;
  return (
    <p className="usage" role="status">
      <code>{usage}</code>
      <span>{command.summary}</span>
    </p>
  );
}
