import { Injectable } from '@nestjs/common';
import { ProviderAccount } from '../account/provider-account.js';
import { type TaskView } from '../read-model/task-view.js';
import { type StopReason } from './submissions.state.js';
import { Submissions } from './submissions.js';

/** Why a queued task is not sent just now. */
export interface Waiting {
  readonly code: StopReason | 'paused_by_setting' | 'account_paused' | 'model_paused';
  readonly message: string;
}

/** Says what queued tasks wait for. Operational: it is about this moment, not about the history of the task. */
@Injectable()
export class WaitReason {
  constructor(
    private readonly submissions: Submissions,
    private readonly account: ProviderAccount,
  ) {}

  /** Null when nothing keeps the task back, and for tasks that are not queued. */
  of({ status, model }: Pick<TaskView, 'status' | 'model'>): Waiting | null {
    const code = status === 'queued' ? this.codeFor(model) : null;
    return code && { code, message: MESSAGES[code] };
  }

  private codeFor(model: string): Waiting['code'] | null {
    const { stopped } = this.submissions;
    if (stopped) return stopped;
    const { pause, pausedModels } = this.account.current;
    if (pause) return 'account_paused';
    return pausedModels.has(model) ? 'model_paused' : null;
  }
}

const MESSAGES: Readonly<Record<Waiting['code'], string>> = {
  restore_suspected:
    'The log seems to have been restored to an earlier moment. Nothing is sent until an operator has looked.',
  paused_by_operator: 'An operator has paused all submissions.',
  paused_by_setting: 'This installation was started without submitting.',
  account_paused: 'The provider account is paused. The task is sent when it works again.',
  model_paused: 'The provider account may not use this model. The task is sent when that has changed.',
};
