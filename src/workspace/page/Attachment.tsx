import type { z } from "zod";
import type { fileSchema } from "../page-protocol.ts";

/** A file: its title, its text when unfolded, and a way to keep it. */
export function Attachment({ file }: { file: z.output<typeof fileSchema> }) {
  const lines = file.text === "" ? 0 : file.text.replace(/\n$/, "").split("\n").length;
  return (
    <div className="attachment">
      <details>
        <summary>
          <span className="file-title">{file.title}</span>
          <span className="file-facts">
            {file.name} · {lines === 1 ? "1 line" : `${lines} lines`}
          </span>
        </summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: long output is scrolled with the keyboard */}
        <pre tabIndex={0}>{file.text}</pre>
      </details>
      <button type="button" className="download" onClick={() => download(file.name, file.text)}>
        Download
        <span className="unseen"> {file.name}</span>
      </button>
    </div>
  );
}

function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
