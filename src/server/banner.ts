import { type Settings } from './settings.js';

/** The lines a person reads when the server is up. */
export const banner = (address: string, settings: Settings, developmentKey: string | null): string => {
  const { config, database, provider } = settings;
  const lines = [
    '',
    `  Genledger is ready    ${address}`,
    `  API page              ${address}/docs`,
    `  Data                  ${database.isEmbedded ? `embedded PostgreSQL in ${database.home}` : 'the PostgreSQL of DATABASE_URL'}`,
    `  Provider              ${provider.isSimulator ? `built-in simulator, ${config.simulator.speed} times faster than real (set APIDOT_API_KEY for the real one)` : provider.baseUrl}`,
    `  Callbacks             ${settings.publicUrl ? `to ${settings.publicUrl}` : 'none (PUBLIC_URL is not set): results are found by polling'}`,
  ];
  if (developmentKey) {
    lines.push(
      `  API key               ${developmentKey}`,
      '',
      '  Try it:',
      '',
      `  ${curlExample(address, developmentKey)}`,
    );
  } else {
    lines.push(
      '  API key               make one: npm run cli -- keys create --owner NAME --scopes tasks:write,tasks:read',
    );
  }
  return `${lines.join('\n')}\n`;
};

const curlExample = (address: string, key: string): string =>
  `curl ${address}/v1/image/tasks -H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json' -d '{"model":"gpt-image-2","input":{"prompt":"A red bicycle"}}'`;
