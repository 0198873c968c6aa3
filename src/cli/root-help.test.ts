// The shipped text of `devcluster --help` is made from the table of commands: `npx vitest run --project unit src/cli -u` writes it anew.
import { expect, test } from 'vitest'
import { rootHelp } from './help.ts'
import { ROOT_OPTIONS } from './options.ts'
import { COMMANDS } from './table.ts'

test('the text of --help must be that of the table of commands', async () => {
  const text = rootHelp(COMMANDS, ROOT_OPTIONS)
  expect(text).not.toMatch(/[`\\$]/)
  await expect(
    `// What \`devcluster --help\` prints, as a constant: loading the table of commands would cost more than printing. root-help.test.ts keeps it true.\n\nexport const ROOT_HELP = \`${text}\n\`\n`,
  ).toMatchFileSnapshot('root-help.ts')
})
