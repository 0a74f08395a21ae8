import { type DynamicModule, Module } from '@nestjs/common';
import { DatabaseModule } from '../../../../src/database/index.js';
import { EventStoreModule, SubscriptionsModule } from '../../../../src/event-store/index.js';
import { DailyCounts } from './daily-counts.js';

@Module({})
export class HostModule {
  static forRoot(url: string): DynamicModule {
    return {
      module: HostModule,
      imports: [
        DatabaseModule.forRoot({ url, schema: 'genledger' }),
        EventStoreModule.forRoot({}),
        SubscriptionsModule.forRoot({ leaseMs: 10_000 }),
        SubscriptionsModule.forFeature([
          DailyCounts,
          // Without a class: told at least once, because a line of output is no part of the transaction.
          {
            name: 'announcements',
            types: ['TaskSucceeded'],
            startAt: 'now',
            handle: async (events) => {
              for (const { streamId } of events) process.stdout.write(`Task ${streamId} is ready.\n`);
            },
          },
        ]),
      ],
    };
  }
}
