-- Where errors are folded that name a run and no tree (section 2.6 of doc/fusion.md): how the next fuse finds the trees that hang together.
CREATE TABLE adrift (
    own_tree bigint NOT NULL,
    run_id   text NOT NULL,
    tree     bigint NOT NULL,
    PRIMARY KEY (own_tree, tree)
);
CREATE INDEX adrift_tree ON adrift (tree);
COMMENT ON TABLE adrift IS 'Where errors that name a run and no tree are folded';
COMMENT ON COLUMN adrift.own_tree IS 'The number of the tree in which their run would be the root';
COMMENT ON COLUMN adrift.run_id IS 'The run that they name';
COMMENT ON COLUMN adrift.tree IS 'The number of the tree in which they are folded: the same where no other was found';

COMMENT ON COLUMN dataset.quality_reasons IS 'What is doubtful: end_missing, begin_missing, errors_only, parent_inferred, parent_missing, tree_inferred (errors of it name no tree), ambiguous_id, clocks_apart, time_ambiguous, message_truncated';
