/** The lines of what a tool printed, also where they end as on Windows. Much faster than splitting at `/\r?\n/`. */
export const linesOf = (output: string): string[] => output.replaceAll("\r\n", "\n").split("\n");

/** Those that are not blank. */
export const filledLinesOf = (output: string): string[] => linesOf(output).filter((line) => line.trim() !== "");
