-- The archive of omnilogs. One program writes to it at a time: the holder of the lease.
CREATE TABLE IF NOT EXISTS omnilogs.lease (
    name text PRIMARY KEY,
    program text NOT NULL,
    pid bigint NOT NULL,
    host text NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    fence bigint NOT NULL,
    -- The number of the message that was added last; see message.number.
    numbered bigint NOT NULL
);
INSERT INTO omnilogs.lease (name, program, pid, host, since, until, fence, numbered)
VALUES ('writer', '', 0, '', 0, 0, 0, 0) ON CONFLICT DO NOTHING;
