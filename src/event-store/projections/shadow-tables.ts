import { createHash } from 'node:crypto';
import pg from 'pg';
import { RebuildRefusedError } from './projection.errors.js';
import { type InlineProjection, type ProjectedTable, tablesOf } from './projection.js';

interface LiveIndex {
  readonly oid: number;
  readonly table: string;
  readonly name: string;
  /** Everything behind the name of the table. */
  readonly body: string;
  readonly isUnique: boolean;
  /** `p` primary key, `u` unique, other letters for other constraints; null for a mere index. */
  readonly constraint: string | null;
}

/**
 * The new tables of a projection, beside the live ones: same columns, and in the end the same indexes, settings and
 * rights. All names of ours are derived from those of the live tables, so an interrupted rebuild finds its tables again.
 */
export class ShadowTables {
  private readonly tables: readonly ProjectedTable[];
  private readonly schema: string;

  constructor(
    private readonly client: pg.ClientBase,
    schema: string,
    private readonly projection: InlineProjection,
  ) {
    this.tables = tablesOf(projection);
    this.schema = pg.escapeIdentifier(schema);
  }

  /** Quoted and with its schema. */
  nameOf({ name }: ProjectedTable): string {
    return this.qualified(shadowOf(name));
  }

  liveNameOf({ name }: ProjectedTable): string {
    return this.qualified(name);
  }

  /** Says before any work is done what would make the exchange impossible. @throws RebuildRefusedError */
  async refuseUnlessReplaceable(): Promise<void> {
    const { rows: rights } = await this.client.query<{ owner: string }>(
      `select relowner::regrole::text as owner from pg_class
        where oid = any ($1::regclass[]) and not pg_has_role(relowner, 'usage')`,
      [this.liveNames],
    );
    if (rights.length > 0) this.refuse(`connect as ${rights[0]!.owner}, who owns the tables`);
    const { rows } = await this.client.query<{ what: string }>(DEPENDENTS, [this.liveNames]);
    if (rows.length > 0) {
      const list = rows.map(({ what }) => what).join('; ');
      this.refuse(
        `something depends on the tables and would not follow the exchange: ${list}. Remove it for the time`,
      );
    }
  }

  /** Changes when the live tables get other columns, settings or indexes. */
  async shape(): Promise<string> {
    const { rows } = await this.client.query<{ line: string }>(SHAPE, [this.liveNames]);
    const known = this.tables.map(({ columns }) => Object.keys(columns));
    return createHash('sha256')
      .update(JSON.stringify([known, rows.map(({ line }) => line)]))
      .digest('hex');
  }

  /** @throws RebuildRefusedError the live tables have other columns than the projection fills */
  async refuseUnknownColumns(): Promise<void> {
    for (const table of this.tables) {
      const { rows } = await this.client.query<{ name: string }>(
        `select attname as name from pg_attribute
          where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
        [this.liveNameOf(table)],
      );
      const filled = new Set(Object.keys(table.columns));
      const unknown = rows.filter(({ name }) => !filled.delete(name)).map(({ name }) => name);
      const wrong = [...unknown, ...filled];
      if (wrong.length > 0)
        this.refuse(`the columns ${wrong.join(', ')} of ${table.name} are not those it fills`);
    }
  }

  /** Empty tables without indexes, in place of any that are there. */
  async create(): Promise<void> {
    for (const table of this.tables) {
      const shadow = this.nameOf(table);
      await this.client.query(`drop table if exists ${shadow}`);
      await this.client.query(
        `create table ${shadow} (like ${this.liveNameOf(table)} including all excluding indexes)`,
      );
      const { rows } = await this.client.query<{ owner: string; mine: boolean; options: string[] | null }>(
        SETTINGS,
        [this.liveNameOf(table)],
      );
      const { owner, mine, options } = rows[0]!;
      if (options !== null) await this.client.query(`alter table ${shadow} set (${options.join(', ')})`);
      if (!mine) await this.client.query(`alter table ${shadow} owner to ${owner}`);
    }
  }

  /** Of the rows of a stream only the newest stays, one of them if there are several. Reads the whole table. */
  async dropOldRows(): Promise<void> {
    const { key, version } = this.projection.streams;
    const [k, v] = [pg.escapeIdentifier(key), pg.escapeIdentifier(version)];
    const shadow = this.nameOf(this.projection.streams);
    await this.client.query(
      `delete from ${shadow} where ctid = any (array(
         select place from (
           select ctid as place, row_number() over (partition by ${k} order by ${v} desc) as n
             from ${shadow} where ${k} in (select ${k} from ${shadow} group by 1 having count(*) > 1)
         ) ranked where n > 1))`,
    );
  }

  /** Keys and indexes as the live tables have them, and statistics. */
  async index(): Promise<void> {
    for (const { oid, table, body, isUnique, constraint } of await this.liveIndexes()) {
      const [shadow, name] = [this.qualified(shadowOf(table)), pg.escapeIdentifier(shadowIndexOf(oid))];
      if (constraint !== null && !(constraint in CONSTRAINTS))
        this.refuse(`${table} has an exclusion constraint`);
      await this.client.query(`drop index if exists ${this.schema}.${name}`);
      await this.client.query(`create ${isUnique ? 'unique ' : ''}index ${name} on ${shadow} ${body}`);
      if (constraint !== null) {
        await this.client.query(
          `alter table ${shadow} add constraint ${name} ${CONSTRAINTS[constraint]} using index ${name}`,
        );
      }
    }
    for (const table of this.tables) await this.client.query(`analyze ${this.nameOf(table)}`);
  }

  /** Keeps everybody away from the live tables until the end of the transaction. */
  async lockLive(): Promise<void> {
    await this.client.query(`lock table ${this.liveNames.join(', ')} in access exclusive mode`);
  }

  /** Puts the new tables in the place of the live ones, which are dropped. In a transaction. */
  async exchange(): Promise<void> {
    const indexes = await this.liveIndexes();
    for (const table of this.tables) {
      for (const grant of await this.grants(table)) await this.client.query(grant);
    }
    await this.client.query(`drop table ${this.liveNames.join(', ')}`);
    for (const table of this.tables) {
      await this.client.query(
        `alter table ${this.nameOf(table)} rename to ${pg.escapeIdentifier(table.name)}`,
      );
    }
    for (const { oid, name } of indexes) {
      const shadow = `${this.schema}.${pg.escapeIdentifier(shadowIndexOf(oid))}`;
      await this.client.query(`alter index ${shadow} rename to ${pg.escapeIdentifier(name)}`);
    }
  }

  private async liveIndexes(): Promise<readonly LiveIndex[]> {
    const { rows } = await this.client.query<LiveIndex & { definition: string }>(INDEXES, [this.liveNames]);
    return rows.map((row) => ({ ...row, body: row.definition.slice(row.definition.indexOf(' USING ') + 1) }));
  }

  /** Statements that give the new table exactly the rights of the live one. */
  private async grants(table: ProjectedTable): Promise<readonly string[]> {
    const { rows } = await this.client.query<{ statement: string }>(GRANTS, [
      this.liveNameOf(table),
      this.nameOf(table),
    ]);
    return rows.map(({ statement }) => statement);
  }

  private get liveNames(): readonly string[] {
    return this.tables.map((table) => this.liveNameOf(table));
  }

  private qualified(name: string): string {
    return `${this.schema}.${pg.escapeIdentifier(name)}`;
  }

  private refuse(why: string): never {
    throw new RebuildRefusedError(this.projection.name, why);
  }
}

const shadowOf = (table: string): string => `${table}_rebuild`;
const shadowIndexOf = (liveOid: number): string => `rebuild_${liveOid}`;

const CONSTRAINTS: Readonly<Record<string, string>> = { p: 'primary key', u: 'unique' };

/** Whatever names a table by its identity stays with the old one: views, rules, foreign keys, triggers, publications. */
const DEPENDENTS = `
  select distinct pg_describe_object(d.classid, d.objid, d.objsubid) as what
    from pg_depend d
    left join pg_constraint c on d.classid = 'pg_constraint'::regclass and c.oid = d.objid
   where d.refclassid = 'pg_class'::regclass and d.refobjid = any ($1::regclass[])
     and d.classid not in ('pg_class'::regclass, 'pg_type'::regclass, 'pg_attrdef'::regclass, 'pg_statistic_ext'::regclass)
     and (d.classid <> 'pg_constraint'::regclass or c.contype not in ('p', 'u', 'c', 'n', 'x'))
  union
  select pg_describe_object('pg_constraint'::regclass, oid, 0) from pg_constraint
   where contype = 'f' and conrelid = any ($1::regclass[])
   order by 1`;

const SHAPE = `
  select format('%s %s %s %s %s', attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod), attnotnull) as line
    from pg_attribute where attrelid = any ($1::regclass[]) and attnum > 0 and not attisdropped
  union all
  select format('%s %s', oid::regclass, reloptions) from pg_class where oid = any ($1::regclass[])
  union all
  select format('%s %s', indexrelid, pg_get_indexdef(indexrelid)) from pg_index where indrelid = any ($1::regclass[])
   order by 1`;

const SETTINGS = `
  select c.relowner::regrole::text as owner, pg_get_userbyid(c.relowner) = current_user as mine,
         nullif(coalesce(c.reloptions, '{}') || array(select 'toast.' || o from unnest(t.reloptions) as o), '{}') as options
    from pg_class c left join pg_class t on t.oid = c.reltoastrelid where c.oid = $1::regclass`;

const INDEXES = `
  select i.indexrelid::bigint as oid, t.relname as table, x.relname as name, pg_get_indexdef(i.indexrelid) as definition,
         i.indisunique as "isUnique", c.contype as constraint
    from pg_index i
    join pg_class t on t.oid = i.indrelid
    join pg_class x on x.oid = i.indexrelid
    left join pg_constraint c on c.conindid = i.indexrelid and c.conrelid = i.indrelid and c.contype in ('p', 'u', 'x')
   where i.indrelid = any ($1::regclass[]) and i.indisvalid
   order by i.indexrelid`;

/**
 * Takes away what default privileges gave, then gives what the live table gives, column by column where it does. What the
 * owner may is left alone.
 */
const GRANTS = `
  with live as (
    select 1 as step, acl.*, null::name as attname
      from pg_class, aclexplode(relacl) acl where oid = $1::regclass and grantee <> relowner
    union all
    select 2, acl.*, attname
      from pg_attribute, aclexplode(attacl) acl where attrelid = $1::regclass and attnum > 0 and not attisdropped
  ), given as (
    select distinct grantee from pg_class, aclexplode(relacl) acl where oid = $2::regclass and grantee <> relowner
  )
  select format('revoke all on %s from %s', $2::regclass,
                case grantee when 0 then 'public' else grantee::regrole::text end) as statement,
         0 as step
    from given
  union all
  select format('grant %s%s on %s to %s%s', privilege_type, '(' || quote_ident(attname) || ')', $2::regclass,
                case grantee when 0 then 'public' else grantee::regrole::text end,
                case when is_grantable then ' with grant option' end), step
    from live
   order by step`;
