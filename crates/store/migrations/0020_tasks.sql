-- Long work that people ask for through the service: it goes on when they close the page, and is gone on with when the service begins anew.

CREATE TABLE task (
    task        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind        text NOT NULL,
    target      text NOT NULL,
    asked       jsonb NOT NULL,
    place       text NOT NULL,
    state       text NOT NULL,
    who         text NOT NULL,
    made_at     timestamptz NOT NULL,
    begun_at    timestamptz,
    ended_at    timestamptz,
    tries       integer NOT NULL,
    total_bytes bigint,
    bytes       bigint NOT NULL,
    records     bigint NOT NULL,
    told        jsonb
);
CREATE INDEX task_open ON task (task) WHERE ended_at IS NULL;
COMMENT ON TABLE task IS 'Long work that people ask for through the service, one at a time';
COMMENT ON COLUMN task.task IS 'Its number';
COMMENT ON COLUMN task.kind IS 'unload: rows of a source are taken back; reload: they are, and it is read again; load: what is new of it is read';
COMMENT ON COLUMN task.target IS 'The path of the source';
COMMENT ON COLUMN task.asked IS 'How it is to be done';
COMMENT ON COLUMN task.place IS 'The folder of whoever does it: a service with this folder goes on with it';
COMMENT ON COLUMN task.state IS 'waiting, running, done, failed';
COMMENT ON COLUMN task.who IS 'Who asked for it: an account, a token, or the user of the machine';
COMMENT ON COLUMN task.made_at IS 'When it was asked for';
COMMENT ON COLUMN task.begun_at IS 'When it was begun last; NULL while it waits';
COMMENT ON COLUMN task.ended_at IS 'When it was done or failed; NULL before';
COMMENT ON COLUMN task.tries IS 'How often it was begun: more than once where the service ended in the middle';
COMMENT ON COLUMN task.total_bytes IS 'The size of the file; NULL where none is read';
COMMENT ON COLUMN task.bytes IS 'So much of its content is read, unpacked';
COMMENT ON COLUMN task.records IS 'So many records are stored';
COMMENT ON COLUMN task.told IS 'What came of it, with texts in both languages; NULL before';

CREATE TABLE upload (
    upload     text PRIMARY KEY,
    name       text NOT NULL,
    path       text NOT NULL UNIQUE,
    place      text NOT NULL,
    size_bytes bigint NOT NULL,
    who        text NOT NULL,
    made_at    timestamptz NOT NULL
);
COMMENT ON TABLE upload IS 'Files that people sent through the service; what nobody loads goes after a day';
COMMENT ON COLUMN upload.upload IS 'Its id, by chance';
COMMENT ON COLUMN upload.name IS 'What it was called where it came from';
COMMENT ON COLUMN upload.path IS 'Where it is kept, and so the path of its source';
COMMENT ON COLUMN upload.place IS 'The folder of whoever keeps it';
COMMENT ON COLUMN upload.size_bytes IS 'Its size as it was sent';
COMMENT ON COLUMN upload.who IS 'Who sent it: an account, a token, or the user of the machine';
COMMENT ON COLUMN upload.made_at IS 'When';

COMMENT ON COLUMN audit.kind IS 'What they did: login, login_failed, user_add, user_role, user_password, user_remove, token_create, token_revoke, job_edit, source_unload, source_reload, upload_add, upload_load, upload_remove';
COMMENT ON COLUMN audit.target IS 'What they did it with: the name of an account, of a token, of a job, the path of a source, the name of a file';
