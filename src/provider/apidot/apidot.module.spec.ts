import { Inject, Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { systemClock } from '../../shared/clock.js';
import { Provider } from '../../tasks/index.js';
import { ApidotModule, type ApidotOptions, ApidotProvider } from './index.js';
import { httpServer } from './testing/loopback.js';
import { sample } from './testing/samples.js';

const options = (baseUrl: string): ApidotOptions => ({
  baseUrl,
  apiKey: 'sk-test',
  submitTimeoutMs: 1_000,
  statusTimeoutMs: 1_000,
  requestsPerMinute: null,
  submitRetryInitialMs: 1_000,
  submitRetryMaxMs: 60_000,
  breaker: { failures: 10, openMs: 10_000 },
  clock: systemClock,
  random: Math.random,
});

@Injectable()
class User {
  constructor(@Inject(Provider) readonly provider: Provider) {}
}

it('gives the core its provider and closes its connections at shutdown', async () => {
  await using server = await httpServer(() => ({ body: sample('status-running') }));
  const module = await Test.createTestingModule({
    imports: [ApidotModule.forRoot(options(server.url))],
    providers: [User],
  }).compile();
  await module.init();
  const { provider } = module.get(User);
  expect(provider).toBeInstanceOf(ApidotProvider);
  const id = 'task-unified-1757165031-uyujaw3d';
  await expect(provider.status(id)).resolves.toMatchObject({ kind: 'read' });
  await module.close();
  await expect(provider.status(id)).resolves.toMatchObject({ kind: 'unread', class: 'transport' });
});

it('takes its options from a factory', async () => {
  const module = await Test.createTestingModule({
    imports: [ApidotModule.forRootAsync({ useFactory: () => options('http://127.0.0.1:1') })],
  }).compile();
  expect(module.get(Provider)).toBeInstanceOf(ApidotProvider);
  await module.close();
});

it('does not start with options that cannot work', async () => {
  const module = Test.createTestingModule({ imports: [ApidotModule.forRoot(options('nowhere'))] });
  await expect(module.compile()).rejects.toThrow(/baseUrl/);
});
