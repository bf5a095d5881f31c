/** What the generated pages are put together with. */

/** A table; bars inside cells are escaped. */
export function markdownTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n')
}

/** The sentences of a text: a full stop ends one when a blank or nothing follows. */
export function sentencesOf(text: string): string[] {
  return text.split(/(?<=\.)\s+/)
}
