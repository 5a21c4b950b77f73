CREATE TABLE application_ran AS SELECT NOT EXISTS (SELECT FROM pg_class WHERE relname = 'pg_task') AS first;
CREATE SCHEMA made_by_application;
