CREATE TABLE account (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    base_url TEXT NOT NULL
) STRICT;

-- The current version of each message. All columns can be computed again from `version`.
CREATE TABLE message (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    ident TEXT NOT NULL,
    channel TEXT NOT NULL,
    bulk_id TEXT NOT NULL,
    sender TEXT NOT NULL,
    destination TEXT NOT NULL,
    at INTEGER NOT NULL,
    sent_at INTEGER,
    done_at INTEGER,
    status_group TEXT NOT NULL,
    status_name TEXT NOT NULL,
    status_id INTEGER,
    rank INTEGER NOT NULL,
    mccmnc TEXT NOT NULL,
    version INTEGER NOT NULL,
    versions INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX message_key ON message (ident, channel, account);
-- Every index of SQLite ends with the row id, so that these are also sorted by the id.
CREATE INDEX message_at ON message (at);
CREATE INDEX message_destination ON message (destination, at);
CREATE INDEX message_bulk ON message (bulk_id, at);
CREATE INDEX message_status ON message (status_group, at);
CREATE INDEX message_pending ON message (at) WHERE rank < 2;

-- Every version of every message: the bytes of the row as the server sent it.
CREATE TABLE version (
    id INTEGER PRIMARY KEY,
    message INTEGER NOT NULL,
    hash BLOB NOT NULL,
    seen_at INTEGER NOT NULL,
    run INTEGER NOT NULL,
    fault INTEGER NOT NULL,
    raw BLOB NOT NULL
) STRICT;
CREATE INDEX version_message ON version (message);

CREATE TABLE run (
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    started INTEGER NOT NULL,
    ended INTEGER,
    outcome TEXT NOT NULL,
    requests INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    new INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    program TEXT NOT NULL,
    host TEXT NOT NULL,
    clock_offset INTEGER
) STRICT;

CREATE TABLE scope (
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    start INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

-- Times of sending, [since, until) in milliseconds, that were listed completely.
CREATE TABLE coverage (
    account INTEGER NOT NULL,
    scope TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    listed_at INTEGER NOT NULL,
    PRIMARY KEY (account, scope, since)
) STRICT, WITHOUT ROWID;

CREATE TABLE gap (
    account INTEGER NOT NULL,
    scope TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_least INTEGER NOT NULL,
    found INTEGER NOT NULL,
    lost INTEGER,
    acknowledged INTEGER,
    PRIMARY KEY (account, scope, since, until, reason)
) STRICT, WITHOUT ROWID;

CREATE TABLE bookmark (
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (account, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    program TEXT NOT NULL,
    pid INTEGER NOT NULL,
    host TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    fence INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Keyed hashes of erased numbers and ids, kept until their messages expire on the server.
CREATE TABLE suppressed (
    mark BLOB PRIMARY KEY,
    until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE erasure (
    at INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    versions INTEGER NOT NULL
) STRICT;

CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- For people who open the file with other programs.
CREATE VIEW messages AS
SELECT
    account.name AS account,
    CASE WHEN message.ident LIKE char(1) || '%' THEN '' ELSE message.ident END AS messageId,
    message.channel AS channel,
    message.bulk_id AS bulkId,
    message.sender AS "from",
    message.destination AS "to",
    strftime('%Y-%m-%dT%H:%M:%fZ', message.sent_at / 1000.0, 'unixepoch') AS sentAt,
    strftime('%Y-%m-%dT%H:%M:%fZ', message.done_at / 1000.0, 'unixepoch') AS doneAt,
    message.mccmnc AS mccmnc,
    message.status_group AS statusGroup,
    message.status_name AS statusName,
    message.status_id AS statusId,
    message.rank = 2 AS final,
    message.versions AS versions,
    strftime('%Y-%m-%dT%H:%M:%fZ', message.first_seen / 1000.0, 'unixepoch') AS firstSeen,
    strftime('%Y-%m-%dT%H:%M:%fZ', message.changed_at / 1000.0, 'unixepoch') AS changedAt,
    CAST(version.raw AS TEXT) AS json
FROM message
JOIN version ON version.id = message.version
JOIN account ON account.id = message.account;
