-- Volunteers come in by a file and go out in one.

ALTER TABLE upload
    DROP CONSTRAINT upload_kind_check,
    ADD CONSTRAINT upload_kind_check CHECK (kind IN ('roads', 'areas', 'buildings', 'households',
        'facilities', 'hazards', 'grids', 'volunteers'));
ALTER TABLE export_request
    DROP CONSTRAINT export_request_kind_check,
    ADD CONSTRAINT export_request_kind_check
        CHECK (kind IN ('households', 'visits', 'moves', 'volunteers'));
