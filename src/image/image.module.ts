import { Inject, Module, type OnModuleInit, Optional } from '@nestjs/common';
import { KindRegistry } from '../tasks/index.js';
import { imageKind } from './image.kind.js';
import {
  ConfigurableImageModule,
  type ImageModuleOptions,
  IMAGE_OPTIONS,
} from './image.module-definition.js';

/**
 * Lets an application take image tasks. Needs the module of the tasks in the same application;
 * `forRoot` may be left out when no option is set.
 */
@Module({})
export class ImageModule extends ConfigurableImageModule implements OnModuleInit {
  constructor(
    private readonly kinds: KindRegistry,
    @Optional() @Inject(IMAGE_OPTIONS) private readonly options: ImageModuleOptions = {},
  ) {
    super();
  }

  onModuleInit(): void {
    this.kinds.register(imageKind(this.options));
  }
}
