import { Inject, Module, type OnModuleInit, Optional } from '@nestjs/common';
import { KindRegistry } from '../tasks/index.js';
import { threeDKind } from './three-d.kind.js';
import {
  ConfigurableThreeDModule,
  type ThreeDModuleOptions,
  THREE_D_OPTIONS,
} from './three-d.module-definition.js';

/**
 * Lets an application take 3D tasks. Needs the module of the tasks in the same application;
 * `forRoot` may be left out when no option is set.
 */
@Module({})
export class ThreeDModule extends ConfigurableThreeDModule implements OnModuleInit {
  constructor(
    private readonly kinds: KindRegistry,
    @Optional() @Inject(THREE_D_OPTIONS) private readonly options: ThreeDModuleOptions = {},
  ) {
    super();
  }

  onModuleInit(): void {
    this.kinds.register(threeDKind(this.options));
  }
}
