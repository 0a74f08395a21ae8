import { ConfigurableModuleBuilder, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { Provider } from '../../tasks/index.js';
import { APIDOT_OPTIONS, type ApidotOptions } from './apidot.options.js';
import { ApidotProvider } from './apidot.provider.js';

const { ConfigurableModuleClass } = new ConfigurableModuleBuilder<ApidotOptions>({
  optionsInjectionToken: APIDOT_OPTIONS,
})
  .setClassMethodName('forRoot')
  .build();

/**
 * APIDot as the `Provider` of the core.
 *
 * Its kept connections are closed in the last phase of Nest's shutdown, when whoever asks the provider has stopped.
 */
@Module({
  providers: [
    {
      provide: Provider,
      inject: [APIDOT_OPTIONS],
      useFactory: (options: ApidotOptions) => new ApidotProvider(options),
    },
  ],
  exports: [Provider],
})
export class ApidotModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(@Inject(Provider) private readonly provider: ApidotProvider) {
    super();
  }

  async onApplicationShutdown(): Promise<void> {
    await this.provider.close();
  }
}
