/** Plain text for people, JSON for programs. With `--json` standard output holds only JSON. */
export class Output {
  constructor(private readonly isJson: boolean) {}

  /** One result: the value itself as JSON, or the lines for people. */
  result(value: unknown, lines: readonly string[]): void {
    this.progress('');
    if (!process.stdout.listeners('error').includes(unwritten)) process.stdout.on('error', unwritten);
    process.stdout.write(this.isJson ? `${JSON.stringify(value)}\n` : `${lines.join('\n')}\n`);
  }

  /** How far long work has come; only on a terminal, where each line replaces the one before. */
  progress(line: string): void {
    if (process.stderr.isTTY && !this.isJson) process.stderr.write(`\r\u001b[K${line}`);
  }

  failure(message: string): void {
    process.stderr.write(`${message}\n`);
  }
}

/** What was done is done; whoever should have read of it must know that there is something to look at. */
const unwritten = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'EPIPE') process.stderr.write(`The output could not be written: ${error.message}\n`);
  process.exit(1);
};

/** Columns as wide as their widest cell. */
export const table = (rows: readonly (readonly string[])[]): string[] => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
};
