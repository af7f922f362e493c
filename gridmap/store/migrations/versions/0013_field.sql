-- Tablets: the key that seals what one person keeps on them.

CREATE TABLE field_key (
    user_id bigint PRIMARY KEY REFERENCES app_user ON DELETE CASCADE,
    key bytea NOT NULL CHECK (octet_length(key) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE field_key IS
    'Seals the outbox and the lists on a person''s tablets; handed out to that person after sign-in only. It guards against who holds the tablet, not against who holds this database, in which the same households lie open: so it is kept as it is, and a new secret of the application loses no unsent report';

-- It holds no area: a row is its own person's and nobody else's.
ALTER TABLE field_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE field_key FORCE ROW LEVEL SECURITY;
CREATE POLICY own_key ON field_key
    USING (user_id::text = current_setting('gridmap.user', true))
    WITH CHECK (user_id::text = current_setting('gridmap.user', true));

GRANT SELECT, INSERT, DELETE ON field_key TO gridmap_app;
-- gridmap_backup bypasses row security, as every backup must be whole
GRANT SELECT ON field_key TO gridmap_backup;
