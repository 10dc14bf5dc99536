CREATE TABLE {schema}.schema_version (
    version int PRIMARY KEY, min_client int NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
    applied_by text NOT NULL DEFAULT current_user);

-- Money is counted in billionths of a dollar. All times are those of the database. Columns hold what SQL selects, orders or adds;
-- all else that is known of a task or an output is JSON, kept as it was written.
CREATE TABLE {schema}.meta (name text PRIMARY KEY, value bytea NOT NULL);
INSERT INTO {schema}.meta VALUES ('salt', decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex'));

CREATE TABLE {schema}.scope (
    scope_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, endpoint text NOT NULL, account text NOT NULL, UNIQUE (endpoint, account));

-- begin_id is the attempt that made the present holder the holder: one whose response was lost finds its own row by it.
CREATE TABLE {schema}.task (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, scope_id int NOT NULL REFERENCES {schema}.scope, task_uuid uuid NOT NULL,
    status text NOT NULL DEFAULT 'Pending', task_type text, model text, tag text, expected int NOT NULL, request_hash text,
    request bytea, media int NOT NULL DEFAULT 0, machine text NOT NULL,
    owner text, lease_until timestamptz, fence bigint NOT NULL DEFAULT 1, begin_id uuid, is_held boolean NOT NULL DEFAULT false,
    submitted_at timestamptz NOT NULL DEFAULT clock_timestamp(), completed_at timestamptz, day date NOT NULL,
    reserved bigint, cost bigint, charge bigint NOT NULL DEFAULT 0,
    outputs int NOT NULL DEFAULT 0, unsaved int NOT NULL DEFAULT 0, failures json, metadata json NOT NULL,
    UNIQUE (scope_id, task_uuid)) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX task_page ON {schema}.task (scope_id, n);
CREATE INDEX task_open ON {schema}.task (scope_id, n) WHERE completed_at IS NULL;
CREATE INDEX task_unsaved ON {schema}.task (scope_id, n) WHERE unsaved > 0;
CREATE INDEX task_tag ON {schema}.task (scope_id, tag, n) WHERE tag IS NOT NULL;
CREATE INDEX task_submitted ON {schema}.task (scope_id, submitted_at, task_uuid);

CREATE TABLE {schema}.output (
    task_n bigint NOT NULL REFERENCES {schema}.task ON DELETE CASCADE, name text NOT NULL, position int NOT NULL, kind text NOT NULL,
    uuid uuid, url text, cost bigint, created_at timestamptz NOT NULL, path text, data json NOT NULL, PRIMARY KEY (task_n, name));

-- The sealed media of requests that weren't accepted yet; one that many requests share is kept once.
CREATE TABLE {schema}.medium (name text PRIMARY KEY, bytes bytea NOT NULL, added_at timestamptz NOT NULL DEFAULT clock_timestamp());
ALTER TABLE {schema}.medium ALTER bytes SET STORAGE EXTERNAL;
CREATE TABLE {schema}.task_medium (
    task_n bigint NOT NULL REFERENCES {schema}.task ON DELETE CASCADE, name text NOT NULL REFERENCES {schema}.medium,
    PRIMARY KEY (task_n, name));
CREATE INDEX medium_of ON {schema}.task_medium (name);

CREATE TABLE {schema}.upload (
    scope_id int NOT NULL REFERENCES {schema}.scope, hash text NOT NULL, uuid uuid NOT NULL, url text,
    at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (scope_id, hash));

-- What each UTC day was charged or may yet be: a cap looks at one row. What a removed task may yet be charged stays in it.
CREATE TABLE {schema}.day_spend (
    scope_id int NOT NULL REFERENCES {schema}.scope, day date NOT NULL, charge bigint NOT NULL, PRIMARY KEY (scope_id, day))
    WITH (fillfactor = 50);

-- What removed tasks cost.
CREATE TABLE {schema}.spend (
    scope_id int NOT NULL REFERENCES {schema}.scope, task_uuid uuid NOT NULL, submitted_at timestamptz NOT NULL, model text, tag text,
    machine text NOT NULL, outputs int NOT NULL, reserved bigint, cost bigint, PRIMARY KEY (scope_id, task_uuid));
CREATE INDEX spend_submitted ON {schema}.spend (scope_id, submitted_at, task_uuid);

-- The part of the journal that belongs to one endpoint and account.
CREATE FUNCTION {schema}.attach_scope(of_endpoint text, of_account text) RETURNS int
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO scope (endpoint, account) VALUES (of_endpoint, of_account)
    ON CONFLICT (endpoint, account) DO UPDATE SET endpoint = excluded.endpoint RETURNING scope_id;
$$;

CREATE FUNCTION {schema}.add_media(names text[], contents bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
    INSERT INTO medium (name, bytes) SELECT name, bytes FROM unnest(names, contents) AS added (name, bytes) ORDER BY name
    ON CONFLICT DO NOTHING;
$$;

-- Deletes media that no request needs any longer.
CREATE FUNCTION {schema}.drop_media(names text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp AS $$
BEGIN
    PERFORM FROM medium WHERE name = ANY (names) ORDER BY name FOR UPDATE; -- from here on no request can name them
    DELETE FROM medium m WHERE m.name = ANY (names) AND NOT EXISTS (SELECT FROM task_medium t WHERE t.name = m.name);
END $$;

-- Every function locks in the same order, so that no two wait for each other: tasks by their IDs, media by their names, then days.
-- The plans don't depend on statistics, which an almost empty table doesn't have.

-- Records tasks before they are sent. Whether a task is there already comes before whether it fits under the cap.
CREATE FUNCTION {schema}.begin_tasks(tasks jsonb, requests bytea[], me text, machine_name text, lease interval)
RETURNS TABLE (op int, outcome text, lease_fence bigint, booked bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    today constant date := (clock_timestamp() AT TIME ZONE 'UTC')::date;
    asked record;
    known task;
    states text[] := array_fill('' ::text, ARRAY[jsonb_array_length(tasks)]);
    numbers bigint[] := array_fill(0::bigint, ARRAY[jsonb_array_length(tasks)]);
    number bigint;
    of_scope int;
    has_media boolean := false;
    now_booked bigint;
BEGIN
    FOR asked IN SELECT * FROM jsonb_to_recordset(tasks) AS x (i int, scope int, id uuid, token uuid, type text, model text, tag text,
        expected int, hash text, reserved bigint, metadata text, media text[]) ORDER BY x.scope, x.id, x.i
    LOOP
        op := asked.i;
        booked := NULL;
        LOOP -- until the row was added or locked: one that was there may be removed meanwhile
            INSERT INTO task (scope_id, task_uuid, task_type, model, tag, expected, request_hash, request, media, machine, owner,
                lease_until, begin_id, day, reserved, charge, metadata)
            VALUES (asked.scope, asked.id, asked.type, asked.model, asked.tag, asked.expected, asked.hash, requests[asked.i],
                cardinality(asked.media), machine_name, me, clock_timestamp() + lease, asked.token, today, asked.reserved,
                COALESCE(asked.reserved, 0), asked.metadata::json)
            ON CONFLICT (scope_id, task_uuid) DO NOTHING RETURNING n INTO number;
            IF FOUND THEN
                numbers[asked.i] := number;
                states[asked.i] := 'new';
                EXIT;
            END IF;

            SELECT * INTO known FROM task t WHERE t.scope_id = asked.scope AND t.task_uuid = asked.id FOR UPDATE;
            EXIT WHEN FOUND;
        END LOOP;
        has_media := has_media OR cardinality(asked.media) > 0;
        CONTINUE WHEN states[asked.i] = 'new';

        lease_fence := known.fence;
        IF known.request_hash <> asked.hash OR (known.request_hash IS NOT NULL AND asked.hash IS NULL) THEN
            outcome := 'DifferentRequest';
        ELSIF known.status IN ('Succeeded', 'PartiallySucceeded') THEN
            outcome := 'Ended';
        ELSIF known.status = 'Failed' THEN
            states[asked.i] := 'again'; -- it bought nothing: it begins anew under its ID
            numbers[asked.i] := known.n;
            CONTINUE;
        ELSIF known.begin_id = asked.token THEN
            outcome := CASE WHEN known.is_held THEN 'Held' ELSE 'Booked' END; -- the response to this very attempt was lost
            UPDATE task SET lease_until = clock_timestamp() + lease WHERE n = known.n;
        ELSIF known.lease_until > clock_timestamp() THEN
            outcome := 'InProgress';
        ELSE
            outcome := 'Held';
            UPDATE task SET owner = me, lease_until = clock_timestamp() + lease, fence = fence + 1, begin_id = asked.token, is_held = true
            WHERE n = known.n RETURNING fence INTO lease_fence;
        END IF;
        RETURN NEXT;
    END LOOP;

    IF has_media THEN
        PERFORM FROM medium WHERE name IN (
            SELECT unnest(x.media) FROM jsonb_to_recordset(tasks) AS x (i int, media text[]) WHERE states[x.i] <> '')
        ORDER BY name FOR KEY SHARE;
        FOR asked IN SELECT * FROM jsonb_to_recordset(tasks) AS x (i int, media text[])
            WHERE states[x.i] <> '' AND cardinality(x.media) > (SELECT count(*) FROM medium WHERE name = ANY (x.media))
        LOOP
            DELETE FROM task WHERE n = numbers[asked.i] AND states[asked.i] = 'new';
            states[asked.i] := '';
            op := asked.i;
            outcome := 'MediaMissing';
            RETURN NEXT;
        END LOOP;
    END IF;

    FOR of_scope IN SELECT DISTINCT x.scope FROM jsonb_to_recordset(tasks) AS x (i int, scope int) WHERE states[x.i] <> '' ORDER BY 1
    LOOP
        INSERT INTO day_spend VALUES (of_scope, today, 0) ON CONFLICT DO NOTHING;
        SELECT charge INTO now_booked FROM day_spend WHERE scope_id = of_scope AND day = today FOR UPDATE;
        FOR asked IN SELECT * FROM jsonb_to_recordset(tasks) AS x (i int, scope int, token uuid, type text, model text, tag text,
            expected int, reserved bigint, cap bigint, metadata text, media text[])
            WHERE x.scope = of_scope AND states[x.i] <> '' ORDER BY x.i
        LOOP
            op := asked.i;
            IF now_booked + COALESCE(asked.reserved, 0) > asked.cap THEN
                DELETE FROM task WHERE n = numbers[asked.i] AND states[asked.i] = 'new';
                outcome := 'OverBudget';
                booked := now_booked;
                RETURN NEXT;
                CONTINUE;
            END IF;

            outcome := 'Booked';
            booked := NULL;
            lease_fence := 1;
            now_booked := now_booked + COALESCE(asked.reserved, 0);
            IF states[asked.i] = 'again' THEN
                UPDATE task SET n = DEFAULT, status = 'Pending', task_type = asked.type, model = asked.model, tag = asked.tag,
                    expected = asked.expected, request = requests[asked.i], media = cardinality(asked.media), machine = machine_name,
                    owner = me, lease_until = clock_timestamp() + lease, fence = fence + 1, begin_id = asked.token, is_held = false,
                    submitted_at = clock_timestamp(), completed_at = NULL, day = today, reserved = asked.reserved, cost = NULL,
                    charge = COALESCE(asked.reserved, 0), failures = NULL, metadata = asked.metadata::json
                WHERE n = numbers[asked.i] RETURNING n, fence INTO number, lease_fence;
                numbers[asked.i] := number;
            END IF;
            INSERT INTO task_medium SELECT numbers[asked.i], name FROM unnest(asked.media) AS name;
            RETURN NEXT;
        END LOOP;
        UPDATE day_spend SET charge = now_booked WHERE scope_id = of_scope AND day = today AND charge <> now_booked;
    END LOOP;
END $$;

-- Records what became of tasks. What is recorded again changes nothing, and a lower number of results doesn't replace a higher one.
-- The result of each: null if the task isn't there or the holder has changed, and the new fence for a claim.
CREATE FUNCTION {schema}.record_facts(facts jsonb, me text, lease interval) RETURNS TABLE (op int, result bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    fact record;
    known task;
    new_cost bigint;
    new_charge bigint;
    is_end boolean;
    scopes int[] := '{}';
    days date[] := '{}';
    charges bigint[] := '{}';
    unneeded text[] := '{}';
BEGIN
    FOR fact IN SELECT * FROM jsonb_to_recordset(facts) AS x (i int, kind text, scope int, id uuid, fence bigint, token uuid,
        waited boolean, status text, count int, cost bigint, outputs jsonb, failures text, name text, path text, uuid uuid, url text, at timestamptz)
        ORDER BY x.scope, x.id, x.i
    LOOP
        op := fact.i;
        result := NULL;
        IF fact.kind = 'uploaded' THEN
            INSERT INTO upload AS u VALUES (fact.scope, fact.name, fact.uuid, fact.url, COALESCE(fact.at, clock_timestamp()))
            ON CONFLICT (scope_id, hash) DO UPDATE SET uuid = excluded.uuid, url = excluded.url, at = excluded.at
            WHERE u.at <= excluded.at;
            RETURN NEXT;
            CONTINUE;
        ELSIF fact.kind = 'unuploaded' THEN
            DELETE FROM upload u WHERE u.scope_id = fact.scope AND u.uuid = fact.uuid;
            RETURN NEXT;
            CONTINUE;
        END IF;

        SELECT * INTO known FROM task t WHERE t.scope_id = fact.scope AND t.task_uuid = fact.id FOR UPDATE;
        IF NOT FOUND THEN
            RETURN NEXT;
            CONTINUE;
        END IF;

        is_end := fact.kind = 'ended' OR (fact.kind = 'refused' AND known.fence = fact.fence AND known.completed_at IS NULL);
        IF is_end AND fact.count >= known.outputs THEN
            new_cost := CASE WHEN fact.count > known.outputs THEN fact.cost ELSE COALESCE(fact.cost, known.cost) END;
            new_charge := CASE WHEN fact.count = 0 THEN 0 ELSE COALESCE(new_cost, known.reserved, 0) END;
            INSERT INTO output (task_n, name, position, kind, uuid, url, cost, created_at, data)
            SELECT known.n, o.name, o.position, o.kind, o.uuid, o.url, o.cost, o.created, o.data::json
            FROM jsonb_to_recordset(fact.outputs) AS o (name text, position int, kind text, uuid uuid, url text, cost bigint,
                created timestamptz, data text)
            ON CONFLICT (task_n, name) DO UPDATE
            SET position = excluded.position, url = excluded.url, cost = excluded.cost, data = excluded.data;
            UPDATE task t SET status = fact.status, completed_at = clock_timestamp(), request = NULL, media = 0, owner = NULL,
                lease_until = NULL, outputs = fact.count, cost = new_cost, charge = new_charge, failures = fact.failures::json,
                unsaved = (SELECT count(*) FROM output o WHERE o.task_n = known.n AND o.path IS NULL
                    AND o.kind IN ('image', 'video', 'audio', 'file'))
            WHERE t.n = known.n;
            result := 1;
        ELSIF is_end THEN
            UPDATE task SET owner = NULL, lease_until = NULL WHERE n = known.n;
            result := 1;
        ELSIF fact.kind = 'refused' THEN
            result := CASE WHEN known.fence = fact.fence AND known.status = 'Failed' THEN 1 END; -- its own, recorded again
        ELSIF fact.kind = 'accepted' THEN
            UPDATE task SET status = CASE WHEN status = 'Pending' THEN 'Submitted' ELSE status END, request = NULL, media = 0,
                owner = CASE WHEN fact.waited OR fence <> fact.fence THEN owner END,
                lease_until = CASE WHEN fact.waited OR fence <> fact.fence THEN lease_until END
            WHERE n = known.n;
            result := 1;
        ELSIF fact.kind = 'released' THEN
            UPDATE task SET owner = NULL, lease_until = NULL WHERE n = known.n AND fence = fact.fence;
        ELSIF fact.kind = 'saved' THEN
            UPDATE output o SET path = fact.path WHERE o.task_n = known.n AND o.name = fact.name;
            UPDATE task t SET unsaved = (SELECT count(*) FROM output o WHERE o.task_n = known.n AND o.path IS NULL
                AND o.kind IN ('image', 'video', 'audio', 'file'))
            WHERE t.n = known.n;
        ELSIF fact.kind = 'claim' THEN
            UPDATE task SET owner = me, lease_until = clock_timestamp() + lease, is_held = true, begin_id = fact.token,
                fence = CASE WHEN begin_id = fact.token THEN fence ELSE fence + 1 END
            WHERE n = known.n AND (begin_id = fact.token OR lease_until IS NULL OR lease_until <= clock_timestamp())
            RETURNING fence INTO result;
        ELSIF fact.kind = 'orphaned' AND known.owner = fact.name THEN
            UPDATE task SET owner = NULL, lease_until = NULL WHERE n = known.n;
            result := 1;
        ELSIF fact.kind = 'undo' AND known.begin_id = fact.token AND known.is_held THEN
            UPDATE task SET owner = NULL, lease_until = NULL WHERE n = known.n;
        ELSIF fact.kind = 'undo' AND known.begin_id = fact.token AND known.status = 'Pending' THEN
            new_charge := 0;
            is_end := true;
        END IF;

        IF is_end OR fact.kind = 'accepted' THEN
            IF known.media > 0 THEN
                unneeded := unneeded || ARRAY(SELECT m.name FROM task_medium m WHERE m.task_n = known.n);
                DELETE FROM task_medium m WHERE m.task_n = known.n;
            END IF;
        END IF;

        IF fact.kind = 'undo' AND is_end THEN
            DELETE FROM task WHERE n = known.n;
        END IF;

        IF is_end AND new_charge <> known.charge AND (fact.kind = 'undo' OR fact.count >= known.outputs) THEN
            scopes := scopes || known.scope_id;
            days := days || known.day;
            charges := charges || (new_charge - known.charge);
        END IF;
        RETURN NEXT;
    END LOOP;

    IF unneeded <> '{}' THEN
        PERFORM drop_media(unneeded);
    END IF;

    INSERT INTO day_spend AS d SELECT s, day, sum(charge) FROM unnest(scopes, days, charges) AS c (s, day, charge)
    GROUP BY s, day ORDER BY s, day
    ON CONFLICT (scope_id, day) DO UPDATE SET charge = d.charge + excluded.charge;
END $$;

-- Renews the leases that are still held, and returns them.
CREATE FUNCTION {schema}.renew_leases(scopes int[], ids uuid[], fences bigint[], lease interval)
RETURNS TABLE (of_scope int, of_task uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
    WITH held AS (
        SELECT t.n FROM unnest(scopes, ids, fences) AS h (scope, id, fence)
        JOIN task t ON t.scope_id = h.scope AND t.task_uuid = h.id
        WHERE t.fence = h.fence AND t.lease_until IS NOT NULL AND t.completed_at IS NULL
        ORDER BY t.scope_id, t.task_uuid FOR UPDATE OF t)
    UPDATE task t SET lease_until = clock_timestamp() + lease FROM held WHERE t.n = held.n RETURNING t.scope_id, t.task_uuid;
$$;

-- Deletes tasks. What they cost stays.
CREATE FUNCTION {schema}.remove_tasks(of_scope int, numbers bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    removed bigint;
    unneeded text[];
BEGIN
    PERFORM FROM task WHERE scope_id = of_scope AND n = ANY (numbers) ORDER BY task_uuid FOR UPDATE;
    INSERT INTO spend AS s (scope_id, task_uuid, submitted_at, model, tag, machine, outputs, reserved, cost)
    SELECT scope_id, task_uuid, submitted_at, model, tag, machine, outputs, reserved, cost FROM task
    WHERE scope_id = of_scope AND n = ANY (numbers) AND outputs > 0
    ON CONFLICT (scope_id, task_uuid) DO UPDATE SET submitted_at = LEAST(s.submitted_at, excluded.submitted_at),
        outputs = GREATEST(s.outputs, excluded.outputs), cost = COALESCE(excluded.cost, s.cost);
    unneeded := ARRAY(SELECT m.name FROM task_medium m JOIN task t ON t.n = m.task_n
        WHERE t.scope_id = of_scope AND t.n = ANY (numbers) AND t.media > 0);
    DELETE FROM task WHERE scope_id = of_scope AND n = ANY (numbers);
    GET DIAGNOSTICS removed = ROW_COUNT;
    unneeded := unneeded || ARRAY(SELECT name FROM medium m WHERE added_at < clock_timestamp() - interval '1 day'
        AND NOT EXISTS (SELECT FROM task_medium t WHERE t.name = m.name)); -- added by a process that ended before its task began
    IF unneeded <> '{}' THEN
        PERFORM drop_media(unneeded);
    END IF;
    RETURN removed;
END $$;

-- What tasks cost, oldest first, after a position. An ID is bought once: a task that was removed and is found again under its ID is the
-- same purchase. The settings let each page read the rows in the order of the index, and no more of them than it returns.
CREATE FUNCTION {schema}.read_spend(of_scope int, after_time timestamptz, after_id uuid, until_time timestamptz, of_tags text[], most int)
RETURNS TABLE (task_uuid uuid, at timestamptz, model text, tag text, machine text, outputs int, reserved bigint, cost bigint)
LANGUAGE sql STABLE SET search_path = {schema}, pg_temp SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
    (SELECT t.task_uuid, t.submitted_at AS at, t.model, t.tag, t.machine, t.outputs, t.reserved, t.cost FROM task t
    WHERE t.scope_id = of_scope AND t.outputs > 0 AND (t.submitted_at, t.task_uuid) > (after_time, after_id)
        AND (until_time IS NULL OR t.submitted_at < until_time) AND (of_tags IS NULL OR t.tag = ANY (of_tags))
        AND NOT EXISTS (SELECT FROM spend s WHERE s.scope_id = t.scope_id AND s.task_uuid = t.task_uuid)
    ORDER BY t.submitted_at, t.task_uuid LIMIT most)
    UNION ALL
    (SELECT s.task_uuid, s.submitted_at, s.model, s.tag, s.machine, GREATEST(s.outputs, t.outputs), s.reserved, GREATEST(s.cost, t.cost)
    FROM spend s LEFT JOIN task t ON t.scope_id = s.scope_id AND t.task_uuid = s.task_uuid
    WHERE s.scope_id = of_scope AND (s.submitted_at, s.task_uuid) > (after_time, after_id)
        AND (until_time IS NULL OR s.submitted_at < until_time) AND (of_tags IS NULL OR s.tag = ANY (of_tags))
    ORDER BY s.submitted_at, s.task_uuid LIMIT most)
    ORDER BY at, task_uuid LIMIT most;
$$;

-- Adds tasks of another journal as they are, and what removed ones cost. What is there already isn't changed.
CREATE FUNCTION {schema}.import_tasks(of_scope int, tasks jsonb, requests bytea[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = {schema}, pg_temp SET enable_seqscan = off AS $$
DECLARE
    asked record;
    number bigint;
    added bigint := 0;
    days date[] := '{}';
    charges bigint[] := '{}';
BEGIN
    FOR asked IN SELECT *, (x.submitted AT TIME ZONE 'UTC')::date AS day FROM jsonb_to_recordset(tasks) AS x (i int, id uuid,
        removed boolean, type text, model text, tag text, machine text, expected int, hash text, reserved bigint,
        cost bigint, charge bigint, metadata text, status text, count int, outputs jsonb, failures text,
        submitted timestamptz, completed timestamptz, media text[]) ORDER BY x.id
    LOOP
        IF asked.removed THEN
            INSERT INTO spend (scope_id, task_uuid, submitted_at, model, tag, machine, outputs, reserved, cost)
            SELECT of_scope, asked.id, asked.submitted, asked.model, asked.tag, asked.machine, asked.count, asked.reserved, asked.cost
            WHERE NOT EXISTS (SELECT FROM task WHERE scope_id = of_scope AND task_uuid = asked.id)
            ON CONFLICT DO NOTHING;
        ELSE
            INSERT INTO task (scope_id, task_uuid, status, task_type, model, tag, expected, request_hash, request, media, machine,
                submitted_at, completed_at, day, reserved, cost, charge, outputs, failures, metadata)
            SELECT of_scope, asked.id, asked.status, asked.type, asked.model, asked.tag, asked.expected, asked.hash, requests[asked.i],
                cardinality(asked.media), asked.machine, asked.submitted, asked.completed, asked.day, asked.reserved, asked.cost,
                asked.charge, asked.count, asked.failures::json, asked.metadata::json
            WHERE NOT EXISTS (SELECT FROM spend WHERE scope_id = of_scope AND task_uuid = asked.id)
            ON CONFLICT (scope_id, task_uuid) DO NOTHING RETURNING n INTO number;
        END IF;
        CONTINUE WHEN NOT FOUND;

        added := added + 1;
        days := days || asked.day;
        charges := charges || asked.charge;
        CONTINUE WHEN asked.removed;

        INSERT INTO output (task_n, name, position, kind, uuid, url, cost, created_at, path, data)
        SELECT number, o.name, o.position, o.kind, o.uuid, o.url, o.cost, o.created, o.path, o.data::json
        FROM jsonb_to_recordset(asked.outputs) AS o (name text, position int, kind text, uuid uuid, url text, cost bigint,
            created timestamptz, path text, data text);
        UPDATE task t SET unsaved = (SELECT count(*) FROM output o WHERE o.task_n = number AND o.path IS NULL
            AND o.kind IN ('image', 'video', 'audio', 'file'))
        WHERE t.n = number;
        INSERT INTO task_medium SELECT number, name FROM unnest(asked.media) AS name;
    END LOOP;

    INSERT INTO day_spend AS d SELECT of_scope, day, sum(charge) FROM unnest(days, charges) AS c (day, charge) GROUP BY day ORDER BY day
    ON CONFLICT (scope_id, day) DO UPDATE SET charge = d.charge + excluded.charge;
    RETURN added;
END $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA {schema} FROM PUBLIC;
