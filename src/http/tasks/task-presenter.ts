import { Inject, Injectable } from '@nestjs/common';
import { Provider, TaskNotFoundError, TaskReader, type TaskView, WaitReason } from '../../tasks/index.js';
import { isUuid } from '../../shared/ids.js';
import { HTTP_OPTIONS, type HttpOptions } from '../http.options.js';
import { taskJson, type TaskJsonContext } from './task-json.js';

/** Finds tasks for their owner and shows them. */
@Injectable()
export class TaskPresenter {
  private readonly context: TaskJsonContext;

  constructor(
    private readonly reader: TaskReader,
    private readonly waiting: WaitReason,
    provider: Provider,
    @Inject(HTTP_OPTIONS) { resultTtlMs }: HttpOptions,
  ) {
    this.context = { provider: provider.name, resultTtlMs };
  }

  json(task: TaskView): object {
    return taskJson(task, this.context, this.waiting.of(task));
  }

  /** As the log tells it: without what is only true of this moment. */
  replayed(task: TaskView): object {
    return taskJson(task, this.context);
  }

  /** @throws TaskNotFoundError for another owner's task and for what is no id, just as for none */
  async find(id: string, owner: string): Promise<TaskView> {
    const task = isUuid(id) ? await this.reader.find(id, owner) : null;
    if (!task) throw new TaskNotFoundError(isUuid(id) ? id : 'of that id');
    return task;
  }

  async show(id: string, owner: string): Promise<object> {
    return this.json(await this.find(id, owner));
  }
}
