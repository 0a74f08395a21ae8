import { Column, Entity, PrimaryColumn } from 'typeorm';
import { type Scope } from './scopes.js';

@Entity({ name: 'api_key' })
export class ApiKeyEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('bytea')
  digest: Buffer;

  @Column('text')
  owner: string;

  @Column('text', { array: true })
  scopes: Scope[];

  @Column('text', { nullable: true })
  name: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  @Column('timestamptz', { name: 'revoked_at', nullable: true })
  revokedAt: Date | null;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column('text', { name: 'created_by', nullable: true })
  createdBy: string | null;

  @Column('text', { name: 'revoked_by', nullable: true })
  revokedBy: string | null;

  @Column('uuid', { nullable: true })
  replaces: string | null;
}
