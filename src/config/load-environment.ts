import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigurationError } from './configuration.error.js';
import { type Environment } from './read-config.js';

/**
 * The environment of this process over the file `.env` of a folder, if there is one. Nothing is written into
 * `process.env`. For the entry points only: rooms are given what they need.
 *
 * @throws ConfigurationError when the file is there and cannot be read.
 */
export const loadEnvironment = (
  folder = process.cwd(),
  environment: Environment = process.env,
): Environment => ({
  ...readFile(join(folder, '.env')),
  ...environment,
});

const readFile = (path: string): Environment => {
  try {
    return parseEnv(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return {};
    throw new ConfigurationError([
      { variable: path, got: `not readable (${message})`, wants: 'readable, or absent' },
    ]);
  }
};
