import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration.error.js';
import { isEd25519, SEAL_KEY_WANTS, type KeySource } from './parsers.js';

/** The PEM of the key, read from its file when SEAL_KEY names one. @throws ConfigurationError */
export const readSealKey = (source: KeySource): string => {
  const pem = 'pem' in source ? source.pem : readKeyFile(source.path);
  if (isEd25519(pem)) return pem;
  throw refusal('the path of a file that holds something else');
};

const readKeyFile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    // Not the path: somebody may have put the key itself there in a form that is not PEM.
    throw refusal(
      `the path of a file that cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})`,
    );
  }
};

const refusal = (got: string): ConfigurationError =>
  new ConfigurationError([{ variable: 'SEAL_KEY', got, wants: SEAL_KEY_WANTS }]);
