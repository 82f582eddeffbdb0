-- A job. Times are milliseconds since 1970. seq has no index of its own, so that nothing can lead the
-- planner to walk a backlog in the order of acceptance in search of a function's first jobs.
CREATE TABLE clutch_job (
  seq        BIGINT   NOT NULL GENERATED ALWAYS AS IDENTITY,  -- in the order of acceptance
  job_id     TEXT     COLLATE "C" NOT NULL PRIMARY KEY,
  function   TEXT     COLLATE "C" NOT NULL,
  priority   SMALLINT NOT NULL,      -- 0 high, 1 normal, 2 low
  state      SMALLINT NOT NULL,      -- 0 pending, 1 scheduled, 3 started, 4 done, 5 dead, 6 cancelled, 7 expired
  unique_key TEXT     COLLATE "C",   -- until it has ended
  due_at     BIGINT,                 -- scheduled: when to run it; ended: when to forget it
  delay      BIGINT,                 -- scheduled: how long before due_at that was decided; null for a fixed time
  expires_at BIGINT,                 -- when it ends unless it has started; null once an attempt has failed
  owner      BIGINT,                 -- started: by whom
  started_at BIGINT,                 -- started: when
  attempts   INTEGER  NOT NULL,      -- how often it was started, an attempt that runs included
  stop_asked BOOLEAN  NOT NULL DEFAULT FALSE,
  record     BYTEA    NOT NULL,      -- clutch.store.v1.JobRecord
  story      BYTEA,                  -- clutch.store.v1.JobStory
  payload    BYTEA,                  -- clutch.v1.Payload, the argument; null once it is done
  result     BYTEA                   -- clutch.v1.Payload; null where none is kept
) WITH (
  -- Every row changes some times and then goes.
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_vacuum_threshold = 1000
);

CREATE UNIQUE INDEX clutch_job_key ON clutch_job (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX clutch_job_pending ON clutch_job (priority, function, seq) WHERE state = 0;
CREATE INDEX clutch_job_scheduled ON clutch_job (due_at, function) WHERE state = 1;
CREATE INDEX clutch_job_delayed ON clutch_job ((due_at - delay)) WHERE state = 1 AND delay IS NOT NULL;
CREATE INDEX clutch_job_expiring ON clutch_job (expires_at) WHERE state < 2 AND expires_at IS NOT NULL;
CREATE INDEX clutch_job_owner ON clutch_job (owner, seq) WHERE owner IS NOT NULL;
-- One index only for jobs that are done, which nearly all come to be.
CREATE INDEX clutch_job_done ON clutch_job (due_at, function) WHERE state = 4;
CREATE INDEX clutch_job_set_aside ON clutch_job (state, due_at, function) WHERE state >= 5;

-- A process that may own jobs.
CREATE TABLE clutch_owner (
  id         BIGINT  NOT NULL PRIMARY KEY,
  host       TEXT    NOT NULL,
  pool       TEXT    NOT NULL,
  slot       INTEGER NOT NULL,
  generation BIGINT  NOT NULL,
  pid        BIGINT  NOT NULL,
  beats      BIGINT  NOT NULL DEFAULT 0  -- grows as long as it lives
) WITH (fillfactor = 50);
