import { Inject, Module, type OnModuleInit, Optional } from '@nestjs/common';
import { KindRegistry } from '../tasks/index.js';
import { videoKind } from './video.kind.js';
import {
  ConfigurableVideoModule,
  type VideoModuleOptions,
  VIDEO_OPTIONS,
} from './video.module-definition.js';

/**
 * Lets an application take video tasks. Needs the module of the tasks in the same application;
 * `forRoot` may be left out when no option is set.
 */
@Module({})
export class VideoModule extends ConfigurableVideoModule implements OnModuleInit {
  constructor(
    private readonly kinds: KindRegistry,
    @Optional() @Inject(VIDEO_OPTIONS) private readonly options: VideoModuleOptions = {},
  ) {
    super();
  }

  onModuleInit(): void {
    this.kinds.register(videoKind(this.options));
  }
}
