// Prints a look's result: one JSON document, or text. Nothing else.
import type { Call } from './command.ts'

/** `document` with --json, else `text`, each with a final line break. */
export async function show(call: Call, document: unknown, text: () => string): Promise<void> {
  await call.io.out(`${call.flags.on('json') ? JSON.stringify(document, null, 2) : text()}\n`)
}

/** The same for news of what was done, which --quiet does not want. */
export async function showNews(call: Call, document: unknown, text: () => string): Promise<void> {
  if (call.flags.on('json') || !call.flags.on('quiet')) await show(call, document, text)
}
