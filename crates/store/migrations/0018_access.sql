-- Who may use the service, and what people changed there. Secrets stand as hashes only, and not even these are for those who may read
-- the tables: without a policy, row security shows rows to nobody but the owner.

CREATE TABLE account (
    account    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    role       text NOT NULL,
    password   text NOT NULL,
    made_at    timestamptz NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX account_name ON account (lower(name));
ALTER TABLE account ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE account IS 'Who may log in to the service; only the owner of the tables sees rows of it';
COMMENT ON COLUMN account.account IS 'Its number';
COMMENT ON COLUMN account.name IS 'What the person is called, and what they log in with';
COMMENT ON COLUMN account.role IS 'viewer, operator, admin: each may do what those before it may';
COMMENT ON COLUMN account.password IS 'The password as argon2id made it';
COMMENT ON COLUMN account.made_at IS 'When it was added';
COMMENT ON COLUMN account.changed_at IS 'When its role or password was set last';

CREATE TABLE session (
    hash       bytea PRIMARY KEY,
    account    bigint NOT NULL,
    made_at    timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX session_account ON session (account);
ALTER TABLE session ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE session IS 'Browsers that are logged in; only the owner of the tables sees rows of it';
COMMENT ON COLUMN session.hash IS 'SHA-256 of what the cookie says';
COMMENT ON COLUMN session.account IS 'Whose it is';
COMMENT ON COLUMN session.made_at IS 'When they logged in';
COMMENT ON COLUMN session.expires_at IS 'From then on it counts nothing';

CREATE TABLE api_token (
    token      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL,
    hash       bytea NOT NULL UNIQUE,
    scopes     text[] NOT NULL,
    made_at    timestamptz NOT NULL,
    made_by    text NOT NULL,
    expires_at timestamptz
);
CREATE UNIQUE INDEX api_token_name ON api_token (lower(name));
ALTER TABLE api_token ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE api_token IS 'Programs that may use the service; only the owner of the tables sees rows of it';
COMMENT ON COLUMN api_token.token IS 'Its number';
COMMENT ON COLUMN api_token.name IS 'What it is for';
COMMENT ON COLUMN api_token.hash IS 'SHA-256 of the token, which is shown once and kept nowhere';
COMMENT ON COLUMN api_token.scopes IS 'What it may: read, act, admin, post';
COMMENT ON COLUMN api_token.made_at IS 'When it was made';
COMMENT ON COLUMN api_token.made_by IS 'Who made it';
COMMENT ON COLUMN api_token.expires_at IS 'From then on it counts nothing; NULL where it never expires';

CREATE TABLE audit (
    audit  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at     timestamptz NOT NULL,
    who    text NOT NULL,
    way    text NOT NULL,
    kind   text NOT NULL,
    target text,
    detail text
);
ALTER TABLE audit ENABLE ROW LEVEL SECURITY;
COMMENT ON TABLE audit IS 'Who changed what, besides issue_act and override, which say it themselves; never removed. Only the owner of the tables sees rows of it';
COMMENT ON COLUMN audit.audit IS 'Its number';
COMMENT ON COLUMN audit.at IS 'When';
COMMENT ON COLUMN audit.who IS 'Who: an account, a token, or the user of the machine';
COMMENT ON COLUMN audit.way IS 'How they came: local, session, token, command';
COMMENT ON COLUMN audit.kind IS 'What they did: login, login_failed, user_add, user_role, user_password, user_remove, token_create, token_revoke, job_edit';
COMMENT ON COLUMN audit.target IS 'What they did it with: the name of an account, of a token, of a job';
COMMENT ON COLUMN audit.detail IS 'What it is from now on; never a secret';
