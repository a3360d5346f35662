import type { z } from "zod";
import type { fileSchema } from "../page-protocol.ts";

type File = z.output<typeof fileSchema>;

/** A picture, or a file: its title, its text when unfolded, and a way to keep it. */
export function Attachment({ file }: { file: File }) {
  return file.png === null ? <TextFile file={file} /> : <Picture file={file} png={file.png} />;
}

function Picture({ file, png }: { file: File; png: string }) {
  const address = `data:image/png;base64,${png}`;
  return (
    <div className="attachment">
      <figure>
        <figcaption className="file-title">{file.title}</figcaption>
        <a href={address} download={file.name}>
          <img src={address} alt={file.text} />
        </a>
      </figure>
    </div>
  );
}

function TextFile({ file }: { file: File }) {
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
