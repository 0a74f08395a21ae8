import { KeyService } from '../../src/access/index.js';
import { uuidv7 } from '../../src/shared/ids.js';
import { type TaskEvent } from '../../src/tasks/index.js';
import { TaskRepository } from '../../src/tasks/stream/task-repository.js';
import { readConfig } from '../../src/config/index.js';
import { NestFactory } from '@nestjs/core';
import { AppModule } from '../../src/app.module.js';

export interface SeededTask {
  readonly id: string;
  readonly providerId: string;
}

const OWNER = 'bench';

/** Servers that are to open what was seeded need the same. */
export const SEED_ENCRYPTION_KEY = Buffer.alloc(32).toString('base64');

export interface SeedOptions {
  /** The id that the provider gave to the task of this number, from 0. */
  readonly providerId?: (n: number) => string;
  /** The tasks wait for a callback. Default true; else they are polled. */
  readonly callback?: boolean;
}

/** Writes tasks that the provider has accepted, through the same append as the server's, and makes a key for their owner. */
export const seedSubmittedTasks = async (
  databaseUrl: string,
  count: number,
  tell: (done: number) => void,
  { providerId: providerIdOf = randomProviderId, callback = true }: SeedOptions = {},
): Promise<{ key: string; tasks: SeededTask[] }> => {
  const config = readConfig({
    DATABASE_URL: databaseUrl,
    ENCRYPTION_KEY: SEED_ENCRYPTION_KEY,
    ROLES: 'api',
  });
  const app = await NestFactory.createApplicationContext(
    AppModule.forRoot({
      config: { ...config, roles: { api: false, worker: false } },
      database: { url: databaseUrl, isEmbedded: false, home: null },
      provider: { baseUrl: 'http://127.0.0.1:1', apiKey: 'none', isSimulator: false },
      publicUrl: null,
      callbackSecrets: [],
      encryptionKeys: [SEED_ENCRYPTION_KEY],
      sealKey: null,
    }),
    { logger: false },
  );
  const { key } = await app
    .get(KeyService)
    .create({ owner: OWNER, scopes: ['tasks:write', 'tasks:read', 'audit:read'] });
  const repository = app.get(TaskRepository);
  const tasks: SeededTask[] = [];
  const seedOne = async (): Promise<void> => {
    const [id, providerId] = [uuidv7(), providerIdOf(tasks.length)];
    tasks.push({ id, providerId });
    await repository.execute(
      id,
      () => history(id, providerId, callback),
      { actor: 'bench', correlationId: null },
      { owner: OWNER },
    );
    if (tasks.length % 20_000 === 0) tell(tasks.length);
  };
  const worker = async (): Promise<void> => {
    while (tasks.length < count) await seedOne();
  };
  await Promise.all(Array.from({ length: 256 }, worker));
  await app.close();
  return { key, tasks };
};

const randomProviderId = (n: number): string => `task-unified-1757165031-${uuidv7().slice(-8)}${n}`;

const history = (id: string, providerId: string, callback: boolean): TaskEvent[] => [
  {
    type: 'TaskSubmitted',
    data: {
      domain: 'image',
      model: 'gpt-image-2',
      mode: 'text-to-image',
      fingerprint: id.replaceAll('-', '').padEnd(64, '0'),
      idempotency_key: null,
      expected_files: 1,
      metadata_digests: [],
    },
    personal: {
      input: { prompt: 'A red bicycle leaning against a white wall, soft daylight' },
      metadata: null,
      notify_url: null,
    },
  },
  { type: 'SubmissionStarted', data: { attempt: 1, account: 'bench', callback } },
  {
    type: 'SubmissionAccepted',
    data: { attempt: 1, provider_task_id: providerId, account: 'bench', learned_from: 'answer', note: null },
  },
];
