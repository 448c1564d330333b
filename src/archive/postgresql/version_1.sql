CREATE TABLE IF NOT EXISTS omnilogs.meta (
    key text PRIMARY KEY,
    value text NOT NULL
);
-- The key of the hashes by which an erased number is recognized.
INSERT INTO omnilogs.meta (key, value)
VALUES ('suppression_key', gen_random_uuid()::text || gen_random_uuid()::text)
ON CONFLICT DO NOTHING;

CREATE TABLE IF NOT EXISTS omnilogs.account (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    base_url text NOT NULL
);

-- The current version of each message. All columns can be computed again from `version`.
CREATE TABLE IF NOT EXISTS omnilogs.message (
    ident text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    account bigint NOT NULL,
    bulk_id text COLLATE "C" NOT NULL,
    sender text NOT NULL,
    destination text COLLATE "C" NOT NULL,
    at bigint NOT NULL,
    sent_at bigint,
    done_at bigint,
    status_group text COLLATE "C" NOT NULL,
    status_name text NOT NULL,
    status_id bigint,
    rank bigint NOT NULL,
    mccmnc text NOT NULL,
    hash bytea NOT NULL,
    versions bigint NOT NULL,
    first_seen bigint NOT NULL,
    changed_at bigint NOT NULL,
    -- Messages are numbered in the order in which they were added; this orders those of one
    -- millisecond.
    number bigint NOT NULL,
    PRIMARY KEY (ident, channel, account)
);
CREATE INDEX IF NOT EXISTS message_at ON omnilogs.message (at, number);
CREATE INDEX IF NOT EXISTS message_destination ON omnilogs.message (destination, at);
CREATE INDEX IF NOT EXISTS message_bulk ON omnilogs.message (bulk_id, at);
CREATE INDEX IF NOT EXISTS message_status ON omnilogs.message (status_group, at);
CREATE INDEX IF NOT EXISTS message_pending ON omnilogs.message (at, ident) WHERE rank < 2;

-- Every version of every message: the bytes of the row as the server sent it.
CREATE TABLE IF NOT EXISTS omnilogs.version (
    ident text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    account bigint NOT NULL,
    hash bytea NOT NULL,
    seen_at bigint NOT NULL,
    run bigint NOT NULL,
    fault bigint NOT NULL,
    raw bytea NOT NULL,
    PRIMARY KEY (ident, channel, account, hash)
);

CREATE TABLE IF NOT EXISTS omnilogs.run (
    id bigint PRIMARY KEY,
    account bigint NOT NULL,
    started bigint NOT NULL,
    ended bigint,
    outcome text NOT NULL,
    requests bigint NOT NULL,
    rows bigint NOT NULL,
    new bigint NOT NULL,
    changed bigint NOT NULL,
    program text NOT NULL,
    host text NOT NULL,
    clock_offset bigint
);

CREATE TABLE IF NOT EXISTS omnilogs.scope (
    account bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    start bigint NOT NULL,
    PRIMARY KEY (account, name)
);

-- Times of sending, [since, until) in milliseconds, that were listed completely.
CREATE TABLE IF NOT EXISTS omnilogs.coverage (
    account bigint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    listed_at bigint NOT NULL,
    PRIMARY KEY (account, scope, since)
);

CREATE TABLE IF NOT EXISTS omnilogs.gap (
    account bigint NOT NULL,
    scope text COLLATE "C" NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    at_least bigint NOT NULL,
    found bigint NOT NULL,
    lost bigint,
    acknowledged bigint,
    PRIMARY KEY (account, scope, since, until, reason)
);

CREATE TABLE IF NOT EXISTS omnilogs.bookmark (
    account bigint NOT NULL,
    name text COLLATE "C" NOT NULL,
    value bigint NOT NULL,
    PRIMARY KEY (account, name)
);

-- Keyed hashes of erased numbers and ids, kept until their messages expire on the server.
CREATE TABLE IF NOT EXISTS omnilogs.suppressed (
    mark bytea PRIMARY KEY,
    until bigint NOT NULL
);

CREATE TABLE IF NOT EXISTS omnilogs.erasure (
    id bigint PRIMARY KEY,
    at bigint NOT NULL,
    messages bigint NOT NULL,
    versions bigint NOT NULL
);

-- For people who read the database with other programs. `json` is NULL for a row that is not UTF-8.
CREATE OR REPLACE VIEW omnilogs.messages AS
SELECT
    account.name AS account,
    CASE WHEN left(message.ident, 1) = chr(1) THEN '' ELSE message.ident END AS "messageId",
    message.channel AS channel,
    message.bulk_id AS "bulkId",
    message.sender AS "from",
    message.destination AS "to",
    to_timestamp(message.sent_at / 1000.0) AS "sentAt",
    to_timestamp(message.done_at / 1000.0) AS "doneAt",
    message.mccmnc AS mccmnc,
    message.status_group AS "statusGroup",
    message.status_name AS "statusName",
    message.status_id AS "statusId",
    message.rank = 2 AS final,
    message.versions AS versions,
    to_timestamp(message.first_seen / 1000.0) AS "firstSeen",
    to_timestamp(message.changed_at / 1000.0) AS "changedAt",
    CASE WHEN version.fault & 1 = 0 AND position('\x00'::bytea IN version.raw) = 0
        THEN convert_from(version.raw, 'UTF8') END AS json
FROM omnilogs.message AS message
JOIN omnilogs.version AS version ON version.ident = message.ident
    AND version.channel = message.channel
    AND version.account = message.account
    AND version.hash = message.hash
JOIN omnilogs.account AS account ON account.id = message.account;
