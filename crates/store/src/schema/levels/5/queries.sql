-- What a program of level 5 asks. Frozen: a later level must answer the same.
SELECT name || ' ' || platform || ' ' || endpoints || ' ' || login_user || ' ' || login_token || ' ' || pins || ' ' || CAST(interval_seconds AS TEXT) || ' ' || sealed_secret || ' ' || CAST(version AS TEXT) FROM connection WHERE tenant_id = 'default' AND id = {uuid:00000000-0000-7000-8000-000000000004} AND is_enabled
SELECT name FROM connection WHERE tenant_id = 'default' AND login_token IS NULL AND NOT is_enabled ORDER BY name_key
SELECT name FROM connection WHERE tenant_id = 'default' ORDER BY name_key, id
