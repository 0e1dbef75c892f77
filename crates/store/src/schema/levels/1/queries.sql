-- What a program of level 1 asks. Frozen: a later level must answer the same.
SELECT CAST(revision AS TEXT) || ' ' || body FROM log_entry WHERE tenant_id = 'default' ORDER BY revision
SELECT CAST(count(*) AS TEXT) FROM log_entry WHERE tenant_id = 'default' AND resource_id = 'agent-0123456789abcdef' AND is_present
SELECT id || ' ' || kind || ' ' || name || ' ' || CAST(first_seen AS TEXT) FROM resource WHERE tenant_id = 'default' AND removed_at IS NULL
SELECT resource_id FROM resource_alias WHERE tenant_id = 'default' AND alias = 'agent-ffffffffffffffff'
SELECT source || ' ' || CAST(last_seen AS TEXT) || ' ' || CAST(interval_microseconds AS TEXT) FROM source_stamp WHERE tenant_id = 'default'
SELECT source || ' ' || reason FROM known_gap WHERE tenant_id = 'default' AND started_at = 3000000 AND ended_at IS NULL
SELECT kind || ' ' || from_state || ' ' || to_state || ' ' || origin || ' ' || confidence || ' ' || related_resources || ' ' || metadata FROM resource_change WHERE tenant_id = 'default' ORDER BY observed_at DESC, id DESC
SELECT u.name || ' ' || u.role || ' ' || u.password_hash || ' ' || CAST(s.expires_at AS TEXT) FROM user_session s JOIN user_account u ON u.tenant_id = s.tenant_id AND u.id = s.user_id WHERE s.token_hash = {bytes:0101010101010101010101010101010101010101010101010101010101010101} AND s.csrf_hash = {bytes:0202020202020202020202020202020202020202020202020202020202020202}
SELECT name || ' ' || role || ' ' || scopes || ' ' || created_by FROM api_token WHERE token_hash = {bytes:0303030303030303030303030303030303030303030303030303030303030303} AND revoked_at IS NULL AND expires_at IS NULL
SELECT CAST(segment AS TEXT) || ' ' || CAST(sequence AS TEXT) || ' ' || actor || ' ' || action || ' ' || outcome || ' ' || detail FROM audit_entry WHERE tenant_id = 'default' AND id = {uuid:00000000-0000-7000-8000-000000000005}
SELECT value FROM setting WHERE tenant_id = 'default' AND key = 'theme'
