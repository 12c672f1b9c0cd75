-- Templates are made anew where other rules made them; who takes rows back looks for others with their signatures; what people
-- did with an issue follows most of its jobs.

ALTER TABLE fuse_state ADD COLUMN template_version smallint;
COMMENT ON COLUMN fuse_state.template_version IS 'Version of the rules that made the templates: where it is another one, the next fuse makes all of them anew; NULL where that was not noted';

CREATE INDEX logerreur_signature ON logerreur (signature, batch);

COMMENT ON COLUMN template.text IS 'The smallest of its messages with <*> for what varies; … stands where its messages are cut, and in long ones for what is not shown';

ALTER TABLE issue_act ADD COLUMN jobs jsonb;
COMMENT ON COLUMN issue_act.jobs IS 'The jobs that the issue was of then, at most 200, each as system, project and name; NULL where that was not noted';
COMMENT ON COLUMN issue_act.family IS 'The family that the issue was of then; that counts to which most of its jobs belong now';
