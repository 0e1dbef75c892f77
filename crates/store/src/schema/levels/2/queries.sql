-- What a program of level 2 asks besides. Frozen: a later level must answer the same.
SELECT name || ' ' || role || ' ' || password_hash || ' ' || CAST(disabled_at AS TEXT) || ' ' || CAST(last_sign_in_at AS TEXT) FROM user_account WHERE tenant_id = 'default' AND issuer = 'https://id.example.org' AND subject = 'b-1'
SELECT sealed_secret || ' ' || CAST(created_at AS TEXT) || ' ' || CAST(confirmed_at AS TEXT) || ' ' || CAST(last_step AS TEXT) FROM user_totp WHERE tenant_id = 'default' AND user_id = {uuid:00000000-0000-7000-8000-000000000012}
SELECT CAST(count(*) AS TEXT) FROM user_recovery_code WHERE tenant_id = 'default' AND code_hash = {bytes:0404040404040404040404040404040404040404040404040404040404040404} AND used_at IS NULL
SELECT name || ' ' || scopes || ' ' || CAST(previous_until AS TEXT) FROM api_token WHERE previous_hash = {bytes:0606060606060606060606060606060606060606060606060606060606060606} AND revoked_at IS NULL
