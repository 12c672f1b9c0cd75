-- What is needed to find things: texts without accents and case, words with their French and English stems, beginnings of the ids of runs.
-- With the extension pg_trgm, parts of words are found by an index, and words that are only alike at all; without it everything
-- else is found just so, more slowly.

CREATE OR REPLACE FUNCTION search_plain(of_text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(replace(replace(replace(replace(translate(of_text,
    'ÀÁÂÃÄÅàáâãäåÇçÈÉÊËèéêëÌÍÎÏìíîïÑñÒÓÔÕÖòóôõöÙÚÛÜùúûüÝŸýÿ',
    'aaaaaaaaaaaacceeeeeeeeiiiiiiiinnoooooooooouuuuuuuuyyyy'),
    'œ', 'oe'), 'Œ', 'oe'), 'æ', 'ae'), 'Æ', 'ae'));
COMMENT ON FUNCTION search_plain(text) IS 'A text in small letters, without accents';

CREATE OR REPLACE FUNCTION search_words(of_text text) RETURNS tsvector LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN (
    SELECT to_tsvector('pg_catalog.french'::regconfig, words) || to_tsvector('pg_catalog.english'::regconfig, words)
        || to_tsvector('pg_catalog.simple'::regconfig, words)
    -- What stands between words is cut away first: of a name like J_Load.customers each part is a word.
    FROM (SELECT regexp_replace(search_plain(left(of_text, 10000)), '[[:space:]!-/:-@\[-`{-~]+', ' ', 'g') AS words) AS plain
);
COMMENT ON FUNCTION search_words(text) IS 'The words of a text, as they stand and by their French and English stems';

CREATE OR REPLACE FUNCTION search_query(of_text text) RETURNS tsquery LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN to_tsquery('pg_catalog.french'::regconfig, of_text) || to_tsquery('pg_catalog.english'::regconfig, of_text)
    || to_tsquery('pg_catalog.simple'::regconfig, of_text);
COMMENT ON FUNCTION search_query(text) IS 'A question to search_words, in the form of to_tsquery';

CREATE INDEX IF NOT EXISTS job_words ON job USING gin (search_words(job || ' ' || coalesce(project, '') || ' ' || family || ' '
    || coalesce(owner, '') || ' ' || coalesce(domain, '') || ' ' || coalesce(source_app, '')));
CREATE INDEX IF NOT EXISTS problem_words ON problem USING gin (search_words(title || ' ' || text));
CREATE INDEX IF NOT EXISTS issue_act_words ON issue_act USING gin (search_words(text)) WHERE kind = 'note';

-- Ids may be longer than an index takes.
CREATE INDEX IF NOT EXISTS dataset_run_id ON dataset (left(run_id, 64) text_pattern_ops, started_at);

DO $$
DECLARE
    home text;
BEGIN
    BEGIN
        CREATE EXTENSION IF NOT EXISTS pg_trgm;
    EXCEPTION
        -- It is not installed on the server, or may not be made here.
        WHEN OTHERS THEN NULL;
    END;
    SELECT quote_ident(nspname) INTO home FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
    IF home IS NULL THEN
        CREATE OR REPLACE FUNCTION search_likeness(of_word text, of_text text) RETURNS real LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN 0::real;
    ELSE
        EXECUTE format('CREATE OR REPLACE FUNCTION search_likeness(of_word text, of_text text) RETURNS real LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE '
            'RETURN %s.word_similarity(of_word, of_text)', home);
        EXECUTE format('CREATE INDEX IF NOT EXISTS job_parts ON job USING gin (search_plain(job) %s.gin_trgm_ops)', home);
        EXECUTE format('CREATE INDEX IF NOT EXISTS source_parts ON source USING gin (lower(path COLLATE "C") %s.gin_trgm_ops)', home);
    END IF;
END
$$;
COMMENT ON FUNCTION search_likeness(text, text) IS 'How much of a text is like a word, from 0 to 1; 0 where the server lacks pg_trgm';
