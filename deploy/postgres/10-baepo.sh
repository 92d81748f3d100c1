#!/bin/sh
# Run by PostgreSQL's image when its volume is empty: Baepo's own role and database. The role owns
# the database, so that it may make and change tables there, and may do nothing else.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password BAEPO_DATABASE_PASSWORD
CREATE ROLE baepo LOGIN PASSWORD :'password';
CREATE DATABASE baepo OWNER baepo;
REVOKE CONNECT ON DATABASE baepo FROM PUBLIC;
SQL
