import { type Setting } from './setting.js';
import { GROUPS } from './settings.js';

const HEAD = [
  '# Settings of Genledger. Copy this file to .env and set what should differ; the real environment wins over the file.',
  '# Each line shows the default. A line that ends in = has none, and the text above it says what holds then.',
];

/** The text of `.env.example`, made of the table of settings. */
export const envExample = (): string => {
  const groups = Object.entries(GROUPS).map(([title, group]) =>
    [`# ---- ${title}`, ...Object.entries(group).map(([variable, setting]) => entry(variable, setting))].join(
      '\n\n',
    ),
  );
  return `${[HEAD.join('\n'), ...groups].join('\n\n')}\n`;
};

const entry = (variable: string, setting: Setting<unknown>): string => {
  const unset = setting.unset === null ? '' : ` Not set: ${setting.unset}.`;
  return `# ${setting.meaning}${unset}\n#${variable}=${setting.default ?? ''}`;
};
