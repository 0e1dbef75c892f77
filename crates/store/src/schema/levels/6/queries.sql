-- What a program of level 6 asks. Frozen: a later level must answer the same.
SELECT kind || ' ' || control_id || ' ' || source || ' ' || name || ' ' || resource_id || ' ' || CAST(ignored_at AS TEXT) || ' ' || ignored_by FROM ignored_machine WHERE tenant_id = 'default' ORDER BY kind, control_id
SELECT name || ' ' || COALESCE(hostname, '') FROM ignored_machine WHERE tenant_id = 'default' AND kind = 'agent' AND control_id = 'local'
SELECT name || ' ' || options FROM connection WHERE tenant_id = 'default' AND options IS NOT NULL ORDER BY name_key, id
SELECT name FROM connection WHERE tenant_id = 'default' AND options IS NULL ORDER BY name_key, id
