import { type DynamicModule, Module } from '@nestjs/common';
import { ImageModule } from '../../../../src/image/index.js';
import { TasksModule, type TasksOptions } from '../../../../src/tasks/index.js';
import { houseModels } from './house.models.js';
import { scentKind } from './scent.kind.js';

/** Images, with a model of the house beside ours, and a domain of the house. */
@Module({})
export class HostModule {
  /** @param tasks options of the core; its kinds are those of the house */
  static forRoot(tasks: TasksOptions): DynamicModule {
    return {
      module: HostModule,
      imports: [
        TasksModule.forRoot({ ...tasks, kinds: [scentKind] }),
        ImageModule.forRoot({ models: houseModels }),
      ],
    };
  }
}
