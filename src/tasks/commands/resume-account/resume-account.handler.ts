import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { decideResumeAccount } from '../../account/account.state.js';
import { ProviderAccount } from '../../account/provider-account.js';
import { ResumeAccount } from './resume-account.command.js';

@CommandHandler(ResumeAccount)
export class ResumeAccountHandler implements ICommandHandler<ResumeAccount> {
  constructor(private readonly account: ProviderAccount) {}

  async execute({ cause }: ResumeAccount): Promise<void> {
    await this.account.execute(() => decideResumeAccount('operator'), cause);
  }
}
