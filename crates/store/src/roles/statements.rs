//! What the server is asked about roles.

/// One number for the lock under which one process at a time changes roles: "role" in ASCII.
pub(super) const ROLES_LOCK: i64 = 0x726f_6c65;
/// Through this role `smartetl sql` reads; the migrations give it its rights where it is there.
pub(super) const READER: &str = "smartetl_read";
pub(super) const CREATE_READER: &str = "CREATE ROLE smartetl_read NOLOGIN";

pub(super) const WHO: &str = "SELECT rolname::text, rolsuper, current_setting('server_version'), \
     current_setting('server_version_num')::int FROM pg_roles WHERE rolname = current_user";
pub(super) const ROLE: &str = "SELECT rolsuper FROM pg_roles WHERE rolname = $1";
/// Roles with this mark, but for one.
pub(super) const MARKED: &str = "SELECT rolname::text FROM pg_roles \
     WHERE shobj_description(oid, 'pg_authid') = $1 AND rolname <> $2 ORDER BY 1";
pub(super) const SESSIONS: &str =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = $1";
pub(super) const OWNER: &str = "SELECT rolname::text, rolsuper FROM pg_database \
     JOIN pg_roles ON pg_roles.oid = datdba WHERE datname = $1";
pub(super) const FOREIGN_DATABASES: &str = "SELECT datname::text FROM pg_database \
     JOIN pg_roles ON pg_roles.oid = datdba WHERE rolname = $1 AND datname <> $2 LIMIT 1";
/// Where the tables are, or will be.
pub(super) const SCHEMA: &str = "SELECT coalesce((SELECT nspname::text FROM pg_class \
     JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE relname = '_sqlx_migrations' ORDER BY 1 LIMIT 1), 'public')";
/// Tables, views, sequences that stand for themselves and functions of a schema that belong to a superuser: how ALTER calls
/// them. Those of extensions are not ours.
pub(super) const OF_SUPERUSERS: &str = "SELECT CASE relkind WHEN 'S' THEN 'SEQUENCE ' WHEN 'v' THEN 'VIEW ' \
         WHEN 'm' THEN 'MATERIALIZED VIEW ' ELSE 'TABLE ' END || pg_class.oid::regclass::text \
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace JOIN pg_roles ON pg_roles.oid = relowner \
     WHERE nspname = $1 AND rolsuper AND relkind IN ('r', 'p', 'v', 'm', 'S') AND NOT EXISTS (SELECT FROM pg_depend \
         WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid \
         AND (deptype = 'e' OR relkind = 'S' AND deptype IN ('a', 'i'))) \
     UNION ALL \
     SELECT 'FUNCTION ' || pg_proc.oid::regprocedure::text \
     FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace JOIN pg_roles ON pg_roles.oid = proowner \
     WHERE nspname = $1 AND rolsuper AND prokind IN ('f', 'w') AND NOT EXISTS (SELECT FROM pg_depend \
         WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')";
/// The roles that a role is a member of.
pub(super) const MEMBER_OF: &str = "SELECT DISTINCT above.rolname::text FROM pg_auth_members \
     JOIN pg_roles AS above ON above.oid = roleid JOIN pg_roles AS below ON below.oid = member WHERE below.rolname = $1";
