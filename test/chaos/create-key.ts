import { type Installation } from './installation.js';

/** Made by the command line, as an operator does. */
export const createKey = async (
  installation: Installation,
  owner: string,
  scopes: string,
): Promise<string> => {
  const { code, out, err } = await installation.cli(
    'keys',
    'create',
    '--owner',
    owner,
    '--scopes',
    scopes,
    '--json',
  );
  if (code !== 0) throw new Error(`No key could be made: ${err}`);
  return (JSON.parse(out) as { key: string }).key;
};
