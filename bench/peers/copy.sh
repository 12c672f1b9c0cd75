#!/usr/bin/env bash
# The floor: psql copies the two files into bare tables. No index, no classification, no fusion.
# Usage: copy.sh FOLDER DATABASE_URL
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 "$2" <<SQL
CREATE TABLE log (
  moment timestamp, pid text, father_pid text, root_pid text, system_pid bigint, project text, job text,
  job_repository_id text, job_version text, context text, origin text, message_type text, message text,
  duration bigint);
CREATE TABLE logerreur (
  moment timestamp, pid text, root_pid text, father_pid text, project text, job text, context text,
  priority integer, type text, origin text, message text, code integer);
\copy log FROM '$1/stats.csv' WITH (FORMAT csv, HEADER, DELIMITER ';')
\copy logerreur FROM '$1/logs.csv' WITH (FORMAT csv, HEADER, DELIMITER ';')
SQL
