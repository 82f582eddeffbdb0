-- A job. Times are milliseconds since 1970.
CREATE TABLE clutch_job (
  seq        INTEGER PRIMARY KEY,  -- in the order of acceptance
  job_id     TEXT    NOT NULL,
  function   TEXT    NOT NULL,
  priority   INTEGER NOT NULL,     -- 0 high, 1 normal, 2 low
  state      INTEGER NOT NULL,     -- 0 pending, 1 scheduled, 2 taken, 3 started, 4 done, 5 dead, 6 cancelled, 7 expired
  unique_key TEXT,                 -- until it has ended
  due_at     INTEGER,              -- scheduled: when to run it; ended: when to forget it
  delay      INTEGER,              -- scheduled: how long before due_at that was decided; null for a fixed time
  expires_at INTEGER,              -- when it ends unless it has started; null once an attempt has failed
  owner      INTEGER,              -- taken, started: by whom
  attempts   INTEGER NOT NULL,     -- how often it was started, but for an attempt that runs
  stop_asked INTEGER NOT NULL DEFAULT 0,
  record     BLOB    NOT NULL,     -- clutch.store.v1.JobRecord
  story      BLOB,                 -- clutch.store.v1.JobStory
  -- Last, so that large ones are not read for what is before them.
  payload    BLOB,                 -- clutch.v1.Payload, the argument; null once it is done
  result     BLOB                  -- clutch.v1.Payload; null where none is kept
);

CREATE UNIQUE INDEX clutch_job_id ON clutch_job (job_id);
CREATE UNIQUE INDEX clutch_job_key ON clutch_job (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX clutch_job_pending ON clutch_job (priority, function, seq) WHERE state = 0;
CREATE INDEX clutch_job_scheduled ON clutch_job (due_at, function) WHERE state = 1;
CREATE INDEX clutch_job_delayed ON clutch_job (due_at - delay) WHERE state = 1 AND delay IS NOT NULL;
CREATE INDEX clutch_job_expiring ON clutch_job (expires_at) WHERE state < 2 AND expires_at IS NOT NULL;
CREATE INDEX clutch_job_owner ON clutch_job (owner) WHERE owner IS NOT NULL;
CREATE INDEX clutch_job_stops ON clutch_job (owner) WHERE stop_asked = 1;
-- One index only for jobs that are done, which nearly all come to be.
CREATE INDEX clutch_job_done ON clutch_job (due_at, function) WHERE state = 4;
CREATE INDEX clutch_job_set_aside ON clutch_job (state, due_at, function) WHERE state >= 5;

-- A process that may own jobs.
CREATE TABLE clutch_owner (
  id         INTEGER PRIMARY KEY,
  host       TEXT    NOT NULL,
  pool       TEXT    NOT NULL,
  slot       INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  pid        INTEGER NOT NULL,
  beats      INTEGER NOT NULL DEFAULT 0
);
