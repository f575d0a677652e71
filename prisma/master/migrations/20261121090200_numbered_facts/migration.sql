-- Events get their numbers under one lock, as the last thing of a transaction: number order is commit
-- order, and a reader of `seq > cursor` never misses one. A sequence alone does not promise that: whoever
-- took an earlier number may commit later.

-- No cache: a session that kept numbers in reserve would break the order.
CREATE SEQUENCE "OutboxEvent_seq_seq" AS BIGINT CACHE 1 OWNED BY "OutboxEvent"."seq";

-- Numbers of another epoch mean nothing. A new master database is a new epoch.
INSERT INTO "GlobalSetting" ("key", "value", "updatedAt") VALUES ('event-epoch', to_jsonb(gen_random_uuid()), CURRENT_TIMESTAMP);

-- The hash of an audit entry: SHA-256 over the previous entry's hash and everything that this one says.
-- jsonb prints its keys in one order, and the time is written in UTC, so that the text is always the same.
CREATE FUNCTION audit_hash(entry "AuditEntry") RETURNS TEXT
LANGUAGE sql STABLE
AS $$
    SELECT encode(sha256(convert_to(entry."previousHash" || jsonb_build_object(
        'seq', entry."seq",
        'at', to_char(entry."at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'actor', entry."actor",
        'command', entry."command",
        'subjectId', entry."subjectId",
        'arguments', entry."arguments",
        'requestId', entry."requestId"
    )::text, 'UTF8')), 'hex')
$$;

-- Writes a command's audit entry (or none: null) and its events, in order, and returns the events' numbers.
--   audit:  { actor, command, subjectId, arguments, requestId }
--   events: [{ type, subjectId, payload, at }]
-- It must be the last statement before COMMIT: from here on every other command waits.
CREATE FUNCTION append_facts(audit JSONB, events JSONB) RETURNS BIGINT[]
LANGUAGE plpgsql VOLATILE
AS $$
DECLARE
    entry "AuditEntry";
    numbers BIGINT[];
BEGIN
    IF audit IS NULL AND events = '[]' THEN
        RETURN '{}';
    END IF;

    PERFORM pg_advisory_xact_lock(7463, 1);

    IF audit IS NOT NULL THEN
        entry."actor" := audit->>'actor';
        entry."command" := audit->>'command';
        entry."subjectId" := audit->>'subjectId';
        entry."arguments" := COALESCE(audit->'arguments', '{}');
        entry."requestId" := audit->>'requestId';
        entry."at" := date_trunc('milliseconds', clock_timestamp());
        SELECT previous."seq" + 1, previous."hash" INTO entry."seq", entry."previousHash"
            FROM "AuditEntry" previous ORDER BY previous."seq" DESC LIMIT 1;
        entry."seq" := COALESCE(entry."seq", 1);
        entry."previousHash" := COALESCE(entry."previousHash", '');
        entry."hash" := audit_hash(entry);
        INSERT INTO "AuditEntry" SELECT (entry).*;
    END IF;

    WITH numbered AS (
        INSERT INTO "OutboxEvent" ("seq", "id", "type", "subjectId", "payload", "at")
        SELECT nextval('"OutboxEvent_seq_seq"'), gen_random_uuid(), event->>'type', (event->>'subjectId')::uuid, event->'payload', (event->>'at')::timestamptz
        FROM (SELECT value AS event FROM jsonb_array_elements(events) WITH ORDINALITY ORDER BY ordinality) AS in_order
        RETURNING "seq"
    )
    SELECT COALESCE(array_agg("seq" ORDER BY "seq"), '{}') INTO numbers FROM numbered;
    RETURN numbers;
END
$$;

-- The number of the first audit entry that was changed, or whose predecessor is gone; null when all is well.
CREATE FUNCTION first_broken_audit_entry() RETURNS BIGINT
LANGUAGE sql STABLE
AS $$
    SELECT min(chain."seq") FROM (
        SELECT entry."seq",
            entry."hash" = audit_hash(entry) AS whole,
            entry."previousHash" = COALESCE(lag(entry."hash") OVER in_order, '') AS linked,
            entry."seq" = COALESCE(lag(entry."seq") OVER in_order, 0) + 1 AS counted
        FROM "AuditEntry" entry
        WINDOW in_order AS (ORDER BY entry."seq")
    ) AS chain
    WHERE NOT (chain.whole AND chain.linked AND chain.counted)
$$;
