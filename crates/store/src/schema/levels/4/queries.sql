-- What a program of level 4 asks. Frozen: a later level must answer the same.
SELECT page || ' ' || name || ' ' || query || ' ' || CAST(version AS TEXT) FROM saved_view WHERE tenant_id = 'default' AND user_id = {uuid:00000000-0000-7000-8000-000000000002} AND is_shared AND is_default
