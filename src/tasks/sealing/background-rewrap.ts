import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LAST_WRITE_MS, withDeadline } from '../../shared/with-deadline.js';
import { TASKS_OPTIONS, type TasksOptions } from '../tasks.options.js';
import { KeyRewrap, type RewrapProgress } from './key-rewrap.js';

/** So that a rotation is never felt by the tasks under way. */
const PAUSE_MS = 50;

/** While more than one master key is configured, a worker that starts wraps what an older one wrapped. */
@Injectable()
export class BackgroundRewrap implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Logger('Keys');
  private readonly stop = new AbortController();
  private walking: Promise<void> = Promise.resolve();

  constructor(
    private readonly rewrap: KeyRewrap,
    @Inject(TASKS_OPTIONS) private readonly options: TasksOptions,
  ) {}

  onApplicationBootstrap(): void {
    if (this.options.isWorker && this.rewrap.isWanted) this.walking = this.walk();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stop.abort();
    await withDeadline(this.walking, LAST_WRITE_MS);
  }

  private async walk(): Promise<void> {
    let last: RewrapProgress | null = null;
    try {
      for await (last of this.rewrap.run(PAUSE_MS, this.stop.signal));
      this.log.log({ msg: 'data keys are wrapped by the newest encryption key', ...last });
    } catch (error) {
      if (!this.stop.signal.aborted)
        this.log.error({ msg: 'data keys could not be rewrapped', ...last, error: String(error) });
    }
  }
}
