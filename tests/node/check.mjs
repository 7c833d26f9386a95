// stdin: JSON array of {kind: "math" | "mermaid", text, where}.
// stdout: JSON array of {where, message}, one for each text that does not parse.
// The exit status is 0 with or without faults; anything else means the harness failed.
import { text as readAll } from "node:stream/consumers";
import { JSDOM } from "jsdom";
import katex from "katex";

// Mermaid sanitises labels while parsing, with DOMPurify, which looks for a window
// once, when it is loaded: hence the import after the assignment.
globalThis.window = new JSDOM("").window;
const { default: mermaid } = await import("mermaid");

const checks = {
  math: (text) =>
    katex.renderToString(text, {
      displayMode: true,
      throwOnError: true,
      strict: "error",
      trust: false,
    }),
  mermaid: (text) => mermaid.parse(text),
};

const faults = [];
for (const { kind, text, where } of JSON.parse(await readAll(process.stdin))) {
  try {
    if (!Object.hasOwn(checks, kind)) throw new Error(`unknown kind: ${kind}`);
    if (typeof text !== "string") throw new Error("text is not a string");
    await checks[kind](text);
  } catch (error) {
    faults.push({ where, message: String(error?.message ?? error) });
  }
}
process.stdout.write(JSON.stringify(faults) + "\n");
