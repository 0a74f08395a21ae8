/** A number from the command line: `--seconds 3`. */
export const option = (name: string, fallback: number): number => {
  const index = process.argv.indexOf(`--${name}`);
  return index < 0 ? fallback : Number(process.argv[index + 1]);
};

export const isJson = process.argv.includes('--json');

/** Progress, beside the result. */
export const say = (line: string): void => void process.stderr.write(`${line}\n`);
